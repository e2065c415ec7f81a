"""``/account/privacy``: what is held about somebody, to take away or to have erased."""

from typing import Annotated

import msgspec
from litestar import Controller, Response, get, post
from litestar.response import Stream
from msgspec import Meta

from adapters.composition import System
from api.conventions.bearers import Bearers
from api.conventions.problems import BodyInvalid, FieldProblem
from api.conventions.session_cookie import no_session_cookie
from api.pages.forms import Form, read_form
from api.pages.rendering import Pages, onward
from api.pages.viewer import PageRequest, signed_in
from api.parts import Part
from domain.identity.account import Account
from domain.identity.email import normalised
from domain.kernel.personal import Erased


class ErasureForm(msgspec.Struct, frozen=True):
    """Whoever erases themself types their address: no slip of a finger does that."""

    email: Annotated[str, Meta(min_length=1, max_length=254)]


class Privacy(Controller):
    """Somebody's data, in their own hands."""

    path = "/account/privacy"

    @get()
    async def read_page(self, request: PageRequest, pages: Part[Pages]) -> Response[str]:
        """What can be done."""
        signed_in(request)
        return pages.draw(request, "privacy.html", title="Your data", form=Form())

    @get("/export.json")
    async def export(self, request: PageRequest, system: Part[System]) -> Stream:
        """Everything that is held, as one JSON document."""
        viewer = signed_in(request)
        return Stream(
            await system.subjects.export(viewer.user_id, viewer.actor),
            media_type="application/json",
            headers={"Content-Disposition": 'attachment; filename="playhead-export.json"'},
        )

    @post("/erasure", status_code=200)
    async def erase(
        self, request: PageRequest, pages: Part[Pages], system: Part[System], bearers: Part[Bearers]
    ) -> Response[str] | Response[None]:
        """Forget the person, for good."""
        viewer, form = signed_in(request), await read_form(request)
        account, _ = await system.accounts.account(viewer.user_id, viewer.actor)
        try:
            _require_address(account, form.read(ErasureForm).email)
        except BodyInvalid as invalid:
            form = form.with_faults(invalid.errors)
            return pages.draw(request, "privacy.html", status=422, title="Your data", form=form)
        await system.subjects.erase(viewer.user_id, viewer.actor)
        bearers.forget_user(viewer.user_id)
        return onward(request, "/", flash="erased", cookies=[no_session_cookie()])


def _require_address(account: Account, typed: str) -> None:
    if isinstance(account.email, Erased) or normalised(typed) != normalised(account.email):
        raise BodyInvalid([FieldProblem("email", "This is not the address of this account.")])
