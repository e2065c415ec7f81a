"""``/api/sessions``: signing in and out."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from litestar import Controller, Response, delete, get, post
from litestar.params import FromPath, JSONBody
from msgspec.structs import replace

from api.conventions.auth import ApiRequest, VisitorRequest, call_of
from api.conventions.bearers import Bearers
from api.conventions.cursor import Cursor, Limit, cursor_of, place_of
from api.conventions.problems import problems
from api.conventions.rate_limits import client_address
from api.conventions.receipts import Accepted, answered
from api.identity.accounts import Email, Password, Token
from api.parts import Part
from application.identity.sessions import Sessions, SignedIn
from application.identity.vault import LiveSession
from domain.identity.api_key import Scope
from domain.identity.session import SessionKind, SessionNotFound


class SignIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The address and the password of an account."""

    email: Email
    password: Password


class Refresh(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A refresh token, which this uses up."""

    refresh_token: Token


class ShownTokens(msgspec.Struct, frozen=True, kw_only=True):
    """A session and its tokens, which are shown this once.

    ``access_token`` goes into ``Authorization: Bearer``; ``refresh_token`` gets
    the next two, once.
    """

    session_id: UUID
    user_id: UUID
    scope: Scope
    access_token: str
    access_expires_at: datetime
    refresh_token: str
    refresh_expires_at: datetime


class ShownSession(msgspec.Struct, frozen=True, kw_only=True):
    """A session of yours; ``seen_at`` is exact to the minute, ``current`` is the one that asks."""

    id: UUID
    kind: SessionKind
    current: bool
    opened_at: datetime
    seen_at: datetime
    expires_at: datetime


class SessionPage(msgspec.Struct, frozen=True):
    """Some of your sessions, the one opened last first; null as ``next_cursor`` says that there are no more."""

    items: Sequence[ShownSession]
    next_cursor: str | None


class SigningIn(Controller):
    """Sessions, for those who have none yet."""

    path = "/sessions"
    tags = ("accounts",)

    @post(operation_id="SignIn", summary="Sign in", responses=problems(401, 403, 413, 429))
    async def sign_in(
        self, request: VisitorRequest, data: JSONBody[SignIn], sessions: Part[Sessions]
    ) -> Response[ShownTokens]:
        """Begin a session.  A wrong address and a wrong password are answered alike, and in the same time."""
        client = client_address(request.scope)
        signed = await sessions.sign_in(
            data.email, data.password, SessionKind.TOKEN, client=client, call=call_of(request)
        )
        return Response(_tokens(signed), headers={"Location": f"/api/sessions/{signed.session.session_id}"})

    @post(
        "/refresh",
        status_code=200,
        operation_id="RefreshSession",
        summary="Get new tokens",
        responses=problems(401, 409, 413, 429),
    )
    async def refresh(self, request: VisitorRequest, data: JSONBody[Refresh], sessions: Part[Sessions]) -> ShownTokens:
        """Use up a refresh token for new tokens.

        A token that comes a second time was copied by somebody: it ends the session for all who have its tokens.
        """
        return _tokens(await sessions.refresh(data.refresh_token, call_of(request)))


class OwnSessions(Controller):
    """The sessions of whoever asks."""

    path = "/sessions"
    tags = ("accounts",)

    @get(operation_id="ListSessions", summary="List your sessions", responses=problems(403))
    async def list_sessions(
        self, request: ApiRequest, sessions: Part[Sessions], limit: Limit = 20, cursor: Cursor = None
    ) -> SessionPage:
        """Where you are signed in."""
        before = None if cursor is None else place_of(cursor, UUID)
        found = await sessions.of(request.user, limit=limit + 1, before=before)
        last = found[limit - 1] if len(found) > limit else None
        shown = [_shown(session, request.user.session_id) for session in found[:limit]]
        return SessionPage(shown, cursor_of(last.session_id) if last else None)

    @delete(
        status_code=200,
        operation_id="SignOutEverywhere",
        summary="Sign out everywhere",
        responses=problems(403, 404, 409, 412),
    )
    async def sign_out_everywhere(
        self, request: ApiRequest, sessions: Part[Sessions], bearers: Part[Bearers]
    ) -> Response[Accepted]:
        """End every session of yours, this one too.  API keys go on working."""
        user_id = request.user.themself
        receipt = await sessions.sign_out_everywhere(user_id, request.user)
        bearers.forget_user(user_id)
        return answered(replace(receipt, stream_id=user_id))

    @delete(
        "/current",
        status_code=200,
        operation_id="SignOut",
        summary="Sign out",
        responses=problems(403, 404, 409, 412),
    )
    async def sign_out(
        self, request: ApiRequest, sessions: Part[Sessions], bearers: Part[Bearers]
    ) -> Response[Accepted]:
        """End the session that asks."""
        if (session_id := request.user.session_id) is None:
            raise SessionNotFound("an API key has no session")
        receipt = await sessions.sign_out(session_id, request.user)
        bearers.forget_user(request.user.themself)
        return answered(receipt)

    @delete(
        "/{session_id:uuid}",
        status_code=200,
        operation_id="EndSession",
        summary="End a session",
        responses=problems(404, 409, 412),
    )
    async def end_session(
        self, request: ApiRequest, session_id: FromPath[UUID], sessions: Part[Sessions], bearers: Part[Bearers]
    ) -> Response[Accepted]:
        """End one session of yours."""
        receipt = await sessions.sign_out(session_id, request.user)
        bearers.forget_session(session_id)
        return answered(receipt)


def _tokens(signed: SignedIn) -> ShownTokens:
    proof, refresh = signed.secrets
    assert refresh is not None, "a session of tokens has one"
    return ShownTokens(
        session_id=signed.session.session_id,
        user_id=signed.session.user_id,
        scope=signed.scope,
        access_token=proof.text,
        access_expires_at=proof.expires_at,
        refresh_token=refresh.text,
        refresh_expires_at=refresh.expires_at,
    )


def _shown(session: LiveSession, current: UUID | None) -> ShownSession:
    return ShownSession(
        id=session.session_id,
        kind=session.kind,
        current=session.session_id == current,
        opened_at=session.opened_at,
        seen_at=session.seen_at,
        expires_at=min(session.idle_at, session.expires_at),
    )
