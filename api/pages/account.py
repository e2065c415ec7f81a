"""``/account``: what somebody told about themself, where they are signed in, and what they may be."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.params import FromPath
from msgspec import Meta
from msgspec.structs import replace

from adapters.composition import System
from api.conventions.bearers import Bearers
from api.conventions.problems import BodyInvalid
from api.conventions.session_cookie import no_session_cookie
from api.pages.forms import Form, read_form
from api.pages.rendering import Pages, onward
from api.pages.viewer import PageRequest, Viewer, signed_in
from api.parts import Part
from application.identity.users import UserAttributes
from domain.identity.account_events import Role
from domain.kernel.errors import Invalid
from domain.kernel.personal import Erased

SESSIONS = 50


class DetailsForm(msgspec.Struct, frozen=True):
    """What others, and the platform, are told."""

    name: Annotated[str, Meta(min_length=1, max_length=128)]
    birth_year: Annotated[int, Meta(ge=1850, le=2100)] | None = None
    country: Annotated[str, Meta(pattern="^[A-Z]{2}$")] | None = None


class PasswordForm(msgspec.Struct, frozen=True):
    """Another password, by somebody who knows the present one."""

    present: Annotated[str, Meta(min_length=1, max_length=256)]
    password: Annotated[str, Meta(min_length=10, max_length=256)]


class AccountPage(Controller):
    """Somebody's own account."""

    path = "/account"

    @get()
    async def read_account(self, request: PageRequest, pages: Part[Pages], system: Part[System]) -> Response[str]:
        """All of it on one page."""
        return await _page(request, pages, system)

    @post("/details", status_code=200)
    async def save_details(
        self, request: PageRequest, pages: Part[Pages], system: Part[System]
    ) -> Response[str] | Response[None]:
        """Say it differently; the address of the account stays as it is."""
        viewer, form = signed_in(request), await read_form(request)
        try:
            told = form.read(DetailsForm)
        except BodyInvalid as invalid:
            return await _page(request, pages, system, details=form.with_faults(invalid.errors))
        known = await _attributes(system, viewer)
        await system.identity.change_user(
            viewer.user_id,
            replace(known, name=told.name, birth_year=told.birth_year, country=told.country),
            viewer.actor,
        )
        return onward(request, "/account", flash="details_saved")

    @post("/password", status_code=200)
    async def change_password(
        self, request: PageRequest, pages: Part[Pages], system: Part[System], bearers: Part[Bearers]
    ) -> Response[str] | Response[None]:
        """Choose another password; ends all sessions but this one."""
        viewer, form = signed_in(request), await read_form(request)
        try:
            told = form.read(PasswordForm)
            await system.accounts.change_password(told.present, told.password, viewer.actor)
            bearers.forget_user(viewer.user_id)
        except BodyInvalid as invalid:
            return await _page(request, pages, system, password=form.with_faults(invalid.errors))
        except Invalid as invalid:
            return await _page(request, pages, system, password=form.refused(invalid))
        return onward(request, "/account", flash="password_changed")

    @post("/sessions/{session_id:uuid}/end")
    async def end_session(
        self, request: PageRequest, session_id: FromPath[UUID], system: Part[System], bearers: Part[Bearers]
    ) -> Response[None]:
        """Sign out somewhere else."""
        viewer, _ = signed_in(request), await read_form(request)
        await system.sessions.sign_out(session_id, viewer.actor)
        bearers.forget_session(session_id)
        return onward(request, "/account", flash="session_closed")

    @post("/sessions/end")
    async def end_all_sessions(
        self, request: PageRequest, system: Part[System], bearers: Part[Bearers]
    ) -> Response[None]:
        """Sign out everywhere, here too."""
        viewer, _ = signed_in(request), await read_form(request)
        await system.sessions.sign_out_everywhere(viewer.user_id, viewer.actor)
        bearers.forget_user(viewer.user_id)
        return onward(request, "/", flash="signed_out_everywhere", cookies=[no_session_cookie()])

    @post("/creator")
    async def become_creator(
        self, request: PageRequest, system: Part[System], bearers: Part[Bearers]
    ) -> Response[None]:
        """Take the role; everybody may."""
        viewer, _ = signed_in(request), await read_form(request)
        await system.roles.grant(viewer.user_id, Role.CREATOR, viewer.actor)
        bearers.forget_user(viewer.user_id)
        return onward(request, "/account", flash="creator_now")


async def _page(
    request: PageRequest,
    pages: Pages,
    system: System,
    *,
    details: Form | None = None,
    password: Form | None = None,
) -> Response[str]:
    viewer = signed_in(request)
    account, _ = await system.accounts.account(viewer.user_id, viewer.actor)
    known = await _attributes(system, viewer)
    shown = {"name": known.name or "", "birth_year": str(known.birth_year or ""), "country": known.country or ""}
    return pages.draw(
        request,
        "account.html",
        status=422 if details or password else 200,
        title="Account",
        email="" if isinstance(account.email, Erased) else account.email,
        verified=account.verified,
        roles=sorted(account.roles),
        details=details or Form(shown),
        password=password or Form(),
        sessions=await system.sessions.of(viewer.actor, limit=SESSIONS),
        here=viewer.actor.session_id,
        user_id=viewer.user_id,
    )


async def _attributes(system: System, viewer: Viewer) -> UserAttributes:
    known = (await system.identity.user(viewer.user_id, viewer.actor)).attributes
    if isinstance(known, Erased):
        return UserAttributes()
    return UserAttributes(**{field: getattr(known, field) for field in UserAttributes.__struct_fields__})
