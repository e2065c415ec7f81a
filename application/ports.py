"""What the application needs from the outside world, in its own words."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

import msgspec

from domain.identity.api_key import Scope
from domain.kernel.errors import Forbidden
from domain.kernel.event import Event, Fact, Occurrence

Clock = Callable[[], datetime]
"""Returns the present moment, in UTC."""


class NotThisUser(Forbidden):
    """The actor may act for themself only."""

    code = "not_this_user"


class ScopeMissing(Forbidden):
    """The actor's scope does not cover this."""

    code = "scope_missing"


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks, and which request the asking belongs to.

    ``id`` is what facts record, as ``user:<uuid>`` or ``api_key:<uuid>``.
    ``user_id`` is the one user whom an actor of scope ``user`` is.
    """

    id: str
    scope: Scope
    correlation_id: UUID
    user_id: UUID | None = None

    def acts_for(self, user_id: UUID) -> bool:
        """Whether the actor is this user, or a service or an admin who may stand in for them."""
        return self.scope in {Scope.SERVICE, Scope.ADMIN} or (self.scope is Scope.USER and self.user_id == user_id)

    def require_self(self, user_id: UUID) -> None:
        """Raises `NotThisUser` unless the actor `acts_for` the user."""
        if not self.acts_for(user_id):
            raise NotThisUser("you may act only for the user your key belongs to")

    def require(self, *scopes: Scope) -> None:
        """Raises `ScopeMissing` unless the actor has one of ``scopes``."""
        if self.scope not in scopes:
            raise ScopeMissing(f"this needs a key of scope {' or '.join(scopes)}")


class ConcurrentWrite(Exception):
    """Another writer recorded the next version of the stream first."""


class LogBusy(Exception):
    """More is waiting to be recorded than may wait; nothing of this was recorded, try again shortly."""


class LogUnavailable(Exception):
    """The log could not be reached in time; whether it recorded is unknown, and the same ids may be sent again."""


class Recorded(msgspec.Struct, frozen=True):
    """Where a reported fact stands: at ``position``, which ``duplicate`` says it had before."""

    position: int
    duplicate: bool


class EventLog(Protocol):
    """The append-only log of one context: positions 1, 2, 3 … in commit order, without holes."""

    @property
    def name(self) -> str:
        """The context, as ``catalog``."""
        ...

    async def stream(self, stream_id: UUID) -> Sequence[Fact[Any]]:
        """The facts of one stream, oldest first; empty if it does not exist."""
        ...

    async def append(self, facts: Sequence[Fact[Event]]) -> int:
        """Record facts all together; returns the position of the last one once it is on disk.

        Facts whose ``event_id`` are all recorded already are a repeated call and
        answer as the first one did.  Raises `ConcurrentWrite` if a version is
        taken, `LogBusy` and `LogUnavailable`.
        """
        ...

    async def report(self, facts: Sequence[Fact[Event]]) -> Sequence[Recorded]:
        """Record facts each on its own, in order; one that is there already is a duplicate.

        Answers in the order asked, once all are on disk.  Raises `LogBusy` and
        `LogUnavailable`; sending all again is safe.
        """
        ...

    async def read(self, *, after: int, limit: int) -> Sequence[Fact[Any]]:
        """Facts at positions ``after + 1``, ``after + 2`` …; at most ``limit``, contiguous."""
        ...

    async def occurrences(self, *, after: int, limit: int) -> Sequence[Occurrence[Any]]:
        """As `read`, without who, when and whose: half of what a fact costs to decode."""
        ...

    async def head(self) -> int:
        """The last position; 0 for an empty log."""
        ...
