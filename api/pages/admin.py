"""``/admin``: how the platform is, for those who look after it."""

from litestar import Controller, Response, get

from adapters.composition import System
from api.operations import standings_of
from api.pages.rendering import Pages
from api.pages.viewer import PageRequest, signed_in
from api.parts import Part
from domain.identity.api_key import Scope

BEHIND = 1000
"""Events that a read model may be behind before that is shown as amiss."""


class AdminHome(Controller):
    """The first page of admins and auditors."""

    @get("/admin")
    async def read_admin(self, request: PageRequest, pages: Part[Pages], system: Part[System]) -> Response[str]:
        """What the process depends on, how far read models have come, and what waits.  Raises `ScopeMissing`."""
        signed_in(request).actor.require(Scope.ADMIN, Scope.AUDITOR)
        readiness = await system.readiness.readiness()
        return pages.draw(
            request,
            "admin.html",
            title="Admin",
            readiness=readiness,
            projections=(await standings_of(system)).items,
            behind=BEHIND,
            mails=await system.outbox.waiting(),
            mailbox=system.mailbox is not None,
        )
