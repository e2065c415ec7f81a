"""What the application needs from the outside world, in its own words."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

import msgspec

from application.actor import Once
from domain.kernel.errors import Invalid
from domain.kernel.event import Event, Fact, Occurrence

Clock = Callable[[], datetime]
"""Returns the present moment, in UTC."""


class ConcurrentWrite(Exception):
    """Another writer recorded the next version of the stream first."""


class LogBusy(Exception):
    """More is waiting to be recorded than may wait; nothing of this was recorded, try again shortly."""


class LogUnavailable(Exception):
    """The log could not be reached in time; whether it recorded is unknown, and the same ids may be sent again."""


class OnceReused(Invalid):
    """The key of an earlier call came with another question."""

    code = "idempotency_key_reused"


class Kept(msgspec.Struct, frozen=True):
    """Where a call that takes effect once has left its stream."""

    stream_id: UUID
    version: int
    position: int


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

    async def append(self, facts: Sequence[Fact[Event]], *, once: Once | None = None) -> int:
        """Record facts all together; returns the position of the last one once it is on disk.

        Facts whose ``event_id`` are all recorded already are a repeated call and
        answer as the first one did.  ``once`` is kept in the same commit, with
        the place of the last fact.  Raises `ConcurrentWrite` if a version or the
        key is taken, `LogBusy` and `LogUnavailable`.
        """
        ...

    async def kept(self, once: Once) -> Kept | None:
        """What came of an earlier call with this key; None if there was none.  Raises `OnceReused`."""
        ...

    async def keep(self, once: Once, kept: Kept) -> None:
        """Note what came of a call that recorded nothing; the first note stays."""
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
