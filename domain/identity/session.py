"""A session: somebody signed in, and until when that held.

What happened is here; the secrets that prove a session, and when it was last
used, are kept beside the log.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import assert_never
from uuid import UUID

import msgspec

from domain.kernel.errors import NotFound
from domain.kernel.event import Event


class SessionKind(StrEnum):
    """What proves a session."""

    BROWSER = "browser"
    """A cookie."""
    TOKEN = "token"  # noqa: S105 # the name of a kind, and no secret
    """An access token, renewed by refresh tokens."""


class Ending(StrEnum):
    """Why a session is over."""

    SIGNED_OUT = "signed_out"
    EVERYWHERE = "everywhere"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 # the name of a reason, and no secret
    TOKEN_REUSED = "token_reused"  # noqa: S105 # the name of a reason, and no secret
    ERASED = "erased"


# --- events ---------------------------------------------------------------


class SessionOpened(Event, frozen=True, kw_only=True, tag="identity.session_opened"):
    """Somebody signed in as a user; the stream is the session."""

    user_id: UUID
    kind: SessionKind


class SessionClosed(Event, frozen=True, kw_only=True, tag="identity.session_closed"):
    """The session proves nothing any more.

    One that nobody used until it expired has no such event; nor, if the platform
    fell at that moment, has one that an event of the account ended.
    """

    reason: Ending


SessionEvent = SessionOpened | SessionClosed

# --- errors ---------------------------------------------------------------


class SessionNotFound(NotFound):
    """There is no such session."""

    code = "session_not_found"


# --- state ----------------------------------------------------------------


class Session(msgspec.Struct, frozen=True):
    """Whose session it is, and whether it is over."""

    user_id: UUID
    closed: bool = False


def evolve(session: Session | None, event: SessionEvent) -> Session:
    """The session after ``event``."""
    match event:
        case SessionOpened():
            return Session(event.user_id)
        case SessionClosed():
            assert session is not None, "SessionClosed before SessionOpened"
            return msgspec.structs.replace(session, closed=True)
        case _:
            assert_never(event)


# --- decisions ------------------------------------------------------------


def begin(session: Session | None, *, user_id: UUID, kind: SessionKind) -> Sequence[SessionEvent]:
    """Note that a user signed in; the id is new, so one that is there is this one."""
    return [] if session else [SessionOpened(user_id=user_id, kind=kind)]


def end(session: Session, *, reason: Ending) -> Sequence[SessionEvent]:
    """Note that it is over; the first reason stays."""
    return [] if session.closed else [SessionClosed(reason=reason)]
