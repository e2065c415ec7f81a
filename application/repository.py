"""Load a stream, decide, append: the one place that knows optimistic concurrency."""

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar
from uuid import UUID

import msgspec

from application.ports import Actor, Clock, ConcurrentWrite, EventLog
from domain.kernel.errors import NotFound
from domain.kernel.event import Event, Fact
from domain.kernel.ids import uuid7

S = TypeVar("S")
E = TypeVar("E", bound=Event)

ATTEMPTS = 5


class Receipt(msgspec.Struct, frozen=True):
    """Where a command left its stream.

    ``position`` is the place in the context's log to wait for before reading a
    projection: of the last event recorded, by this command or, if it changed
    nothing, before it.
    """

    stream_id: UUID
    version: int
    position: int


class Repository(Generic[S, E]):
    """The streams of one aggregate, seen as its states.

    ``personal`` tells that a stream is a subject: its events hold personal data
    of the stream's own id.
    """

    def __init__(
        self,
        log: EventLog,
        evolve: Callable[[S | None, E], S],
        *,
        missing: type[NotFound],
        clock: Clock,
        personal: bool = False,
    ) -> None:
        self._log = log
        self._evolve = evolve
        self._missing = missing
        self._clock = clock
        self._personal = personal

    async def get(self, stream_id: UUID) -> S:
        """The present state; raises the aggregate's `NotFound`."""
        state, _ = await self._load(stream_id)
        return self._existing(state, stream_id)

    async def change(self, stream_id: UUID, decide: Callable[[S], Sequence[E]], *, by: Actor) -> Receipt:
        """Record what ``decide`` returns for the present state; raises the aggregate's `NotFound`.

        If another writer came first, loads the newer state and decides again, up
        to `ATTEMPTS` times; ``decide`` must therefore have no side effects.
        """
        return await self.begin(stream_id, lambda state: decide(self._existing(state, stream_id)), by=by)

    async def begin(self, stream_id: UUID, decide: Callable[[S | None], Sequence[E]], *, by: Actor) -> Receipt:
        """As `change`, for a stream that may not exist yet: ``decide`` is then given None."""
        for attempt in range(1, ATTEMPTS + 1):
            state, last = await self._load(stream_id)
            try:
                return await self._record(stream_id, last, decide(state), by)
            except ConcurrentWrite:
                if attempt == ATTEMPTS:
                    raise
        raise AssertionError("unreachable")

    def _existing(self, state: S | None, stream_id: UUID) -> S:
        if state is None:
            raise self._missing(f"there is none with the id {stream_id}")
        return state

    async def _load(self, stream_id: UUID) -> tuple[S | None, Receipt]:
        state: S | None = None
        last = Receipt(stream_id, 0, 0)
        for fact in await self._log.stream(stream_id):
            state, last = self._evolve(state, fact.event), Receipt(stream_id, fact.version, fact.position)
        return state, last

    async def _record(self, stream_id: UUID, last: Receipt, events: Sequence[E], by: Actor) -> Receipt:
        if not events:
            return last
        now = self._clock()
        facts = [
            Fact(
                event_id=uuid7(now),
                stream_id=stream_id,
                version=version,
                event=event,
                occurred_at=now,
                recorded_at=now,
                actor_id=by.id,
                correlation_id=by.correlation_id,
                subject_id=stream_id if self._personal else None,
            )
            for version, event in enumerate(events, start=last.version + 1)
        ]
        return Receipt(stream_id, facts[-1].version, await self._log.append(facts))
