"""``/account/keys``: keys for programs that act for somebody."""

from datetime import datetime, timedelta
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.params import FromPath, QueryParameter
from msgspec import Meta
from msgspec.structs import replace

from adapters.composition import System
from api.conventions.bearers import Bearers
from api.conventions.cursor import cursor_of, place_of
from api.conventions.idempotency import key_digest, question_digest
from api.conventions.problems import BodyInvalid
from api.pages.forms import Form, read_form
from api.pages.rendering import Pages, onward
from api.pages.viewer import PageRequest, Viewer, signed_in
from api.parts import Part
from application.actor import Actor, Once
from application.identity.api_keys import IssueApiKey
from domain.identity.api_key import Scope
from domain.kernel.ids import uuid7
from domain.kernel.personal import Erased
from projections.api_keys import KeyRow

PAGE = 20


class KeyForm(msgspec.Struct, frozen=True):
    """A key to be made; ``id`` was chosen when the page was drawn, so that sending the form again makes no other."""

    id: UUID
    label: Annotated[str, Meta(min_length=1, max_length=128)]
    days: Literal["30", "90", "365", "never"]
    scope: Literal["user", "creator"] = "user"


class ListedKey(msgspec.Struct, frozen=True):
    """A key, with its label if that was not erased, and whether it still opens something."""

    row: KeyRow
    label: str
    opens: bool


class Keys(Controller):
    """Somebody's own keys."""

    path = "/account/keys"

    @get()
    async def list_keys(
        self,
        request: PageRequest,
        pages: Part[Pages],
        system: Part[System],
        cursor: Annotated[str | None, QueryParameter(max_length=256)] = None,
    ) -> Response[str]:
        """The last made first, page by page; no secrets."""
        return await _page(request, pages, system, cursor=cursor)

    @post(status_code=200)
    async def make_key(self, request: PageRequest, pages: Part[Pages], system: Part[System]) -> Response[str]:
        """Make a key and show it, this once; no redirect, for nobody has the secret after this answer."""
        viewer, form = signed_in(request), await read_form(request)
        try:
            told = form.read(KeyForm)
        except BodyInvalid as invalid:
            return await _page(request, pages, system, form=form.with_faults(invalid.errors), status=422)
        expires_at = None if told.days == "never" else system.clock() + timedelta(days=int(told.days))
        command = IssueApiKey(scope=Scope(told.scope), label=told.label, user_id=viewer.user_id, expires_at=expires_at)
        issued = await system.api_keys.issue(command, _once(viewer.actor, told))
        await system.positions.wait_for(system.issued_keys.name, {"identity": issued.receipt.position})
        return await _page(request, pages, system, made=issued.key)

    @post("/{key_id:uuid}/revocation")
    async def revoke_key(
        self, request: PageRequest, key_id: FromPath[UUID], system: Part[System], bearers: Part[Bearers]
    ) -> Response[None]:
        """Close a key for good."""
        viewer, _ = signed_in(request), await read_form(request)
        receipt = await system.api_keys.revoke(key_id, viewer.actor)
        bearers.forget_key(key_id)
        await system.positions.wait_for(system.issued_keys.name, {"identity": receipt.position})
        return onward(request, "/account/keys", flash="key_revoked")


def _once(actor: Actor, told: KeyForm) -> Actor:
    question = question_digest("POST", b"/account/keys", b"", msgspec.json.encode(told))
    once = Once(key_digest(actor.id, f"page:{told.id}"), question)
    return replace(actor, call=replace(actor.call, once=once))


async def _page(
    request: PageRequest,
    pages: Pages,
    system: System,
    *,
    cursor: str | None = None,
    form: Form | None = None,
    made: str = "",
    status: int = 200,
) -> Response[str]:
    viewer = signed_in(request)
    before = None if cursor is None else place_of(cursor, tuple[datetime, UUID])
    rows = await system.issued_keys.issued(user_id=viewer.user_id, limit=PAGE + 1, before=before)
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    labels = await system.api_keys.labels([row.key_id for row in rows[:PAGE]])
    now = system.clock()
    return pages.draw(
        request,
        "keys.html",
        status=status,
        title="API keys",
        keys=[
            ListedKey(row, "" if isinstance(label, Erased) else label, _opens(row, now))
            for row, label in zip(rows[:PAGE], labels, strict=True)
        ],
        cursor=cursor_of((last.issued_at, last.key_id)) if last else None,
        form=form or Form(),
        made=made,
        may_make_videos=_may_make_videos(viewer),
        fresh_id=uuid7(now),
    )


def _opens(row: KeyRow, now: datetime) -> bool:
    return row.revoked_at is None and (row.expires_at is None or now < row.expires_at)


def _may_make_videos(viewer: Viewer) -> bool:
    return viewer.actor.scope is not Scope.USER
