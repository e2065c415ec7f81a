"""``/api/mails``: which mails are owed, and what became of them; for admins."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, get, post
from litestar.params import FromPath, QueryParameter

from adapters.composition import System
from api.conventions.auth import ApiRequest
from api.conventions.cursor import Cursor, Limit, cursor_of, place_of
from api.conventions.problems import problems
from api.parts import Part
from application.mails import MailStanding, MailState
from domain.identity.api_key import Scope

OfState = Annotated[MailState | None, QueryParameter(description="Those in this state only.")]


class MailPage(msgspec.Struct, frozen=True):
    """Some mails, the one promised last first; null as ``next_cursor`` says that there are no more."""

    items: Sequence[MailStanding]
    next_cursor: str | None


class OwedMails(Controller):
    """Mails without what they say: neither addresses nor links are in here."""

    path = "/mails"
    tags = ("operations",)

    @get(operation_id="ListMails", summary="List mails", responses=problems(403))
    async def list_mails(
        self,
        request: ApiRequest,
        system: Part[System],
        mail_state: OfState = None,
        limit: Limit = 20,
        cursor: Cursor = None,
    ) -> MailPage:
        """Mails that were promised, with how often each was tried and why it was not taken."""
        request.user.require(Scope.ADMIN)
        before = None if cursor is None else place_of(cursor, UUID)
        found = await system.outbox.list(state=mail_state, before=before, limit=limit + 1)
        last = found[limit - 1] if len(found) > limit else None
        return MailPage(found[:limit], cursor_of(last.mail_id) if last else None)

    @post(
        "/{mail_id:uuid}/attempts",
        status_code=202,
        operation_id="RetryMail",
        summary="Try a mail again",
        responses=problems(403, 404, 409),
    )
    async def retry_mail(self, request: ApiRequest, mail_id: FromPath[UUID], system: Part[System]) -> MailStanding:
        """Let a mail that waits or has failed be tried at once, whatever it has been told."""
        return await system.mails.retry(mail_id, request.user)
