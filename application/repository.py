"""Load a stream, decide, append: the one place that knows optimistic concurrency."""

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar
from uuid import UUID

import msgspec

from application.actor import Actor, Call
from application.ports import Clock, ConcurrentWrite, EventLog, Kept
from domain.kernel.errors import Conflict, NotFound
from domain.kernel.event import Event, Fact
from domain.kernel.ids import uuid7

S = TypeVar("S")
E = TypeVar("E", bound=Event)

ATTEMPTS = 5


class VersionMismatch(Conflict):
    """The thing has changed since the version that the caller saw."""

    code = "version_mismatch"


class Receipt(msgspec.Struct, frozen=True):
    """Where a command left its stream.

    ``position`` is the place in the context's log to wait for before reading a
    projection: of the last event recorded, by this command or, if it changed
    nothing, before it.  ``replayed`` tells that an earlier call with the same
    key did all this.
    """

    stream_id: UUID
    version: int
    position: int
    replayed: bool = False


class Repository(Generic[S, E]):
    """The streams of one aggregate, seen as its states.

    A call that is to take effect once (`Call.once`) is answered as the first
    one with its key was; one that expects a version (`Call.expected_version`)
    is refused with `VersionMismatch` if the stream has another.
    """

    def __init__(
        self, log: EventLog, evolve: Callable[[S | None, E], S], *, missing: type[NotFound], clock: Clock
    ) -> None:
        self._log = log
        self._evolve = evolve
        self._missing = missing
        self._clock = clock

    async def get(self, stream_id: UUID) -> S:
        """The present state; raises the aggregate's `NotFound`."""
        state, _ = await self.seen(stream_id)
        return state

    async def seen(self, stream_id: UUID) -> tuple[S, int]:
        """The present state and its version; raises the aggregate's `NotFound`."""
        state, last = await self._load(stream_id)
        return self._existing(state, stream_id), last.version

    async def change(
        self, stream_id: UUID, decide: Callable[[S], Sequence[E]], *, by: Actor, subject_id: UUID | None = None
    ) -> Receipt:
        """Record what ``decide`` returns for the present state; raises the aggregate's `NotFound`.

        If another writer came first, loads the newer state and decides again, up
        to `ATTEMPTS` times; ``decide`` must therefore have no side effects.
        ``subject_id`` is whose personal data the events hold, if they hold some.
        """
        return await self.begin(
            stream_id, lambda state: decide(self._existing(state, stream_id)), by=by, subject_id=subject_id
        )

    async def begin(
        self, stream_id: UUID, decide: Callable[[S | None], Sequence[E]], *, by: Actor, subject_id: UUID | None = None
    ) -> Receipt:
        """As `change`, for a stream that may not exist yet: ``decide`` is then given None."""
        for attempt in range(1, ATTEMPTS + 1):
            if (kept := await self.kept(by.call)) is not None:
                return kept
            state, last = await self._load(stream_id)
            _require_version(by.call, last)
            try:
                return await self._record(last, decide(state), by, subject_id)
            except ConcurrentWrite:
                if attempt == ATTEMPTS:
                    raise
        raise AssertionError("unreachable")

    async def kept(self, call: Call) -> Receipt | None:
        """What came of the call, if it took effect before.  Raises `OnceReused`."""
        kept = await self._log.kept(call.once) if call.once else None
        return Receipt(kept.stream_id, kept.version, kept.position, replayed=True) if kept else None

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

    async def _record(self, last: Receipt, events: Sequence[E], by: Actor, subject_id: UUID | None) -> Receipt:
        if not events:
            if by.call.once:
                await self._log.keep(by.call.once, Kept(last.stream_id, last.version, last.position))
            return last
        now = self._clock()
        facts = [
            Fact(
                event_id=uuid7(now),
                stream_id=last.stream_id,
                version=version,
                event=event,
                occurred_at=now,
                recorded_at=now,
                actor_id=by.id,
                correlation_id=by.call.id,
                subject_id=subject_id,
                traceparent=by.call.traceparent,
            )
            for version, event in enumerate(events, start=last.version + 1)
        ]
        return Receipt(last.stream_id, facts[-1].version, await self._log.append(facts, once=by.call.once))


def _require_version(call: Call, last: Receipt) -> None:
    if call.expected_version is not None and call.expected_version != last.version:
        raise VersionMismatch(f"the version is {last.version}, not {call.expected_version}: load it and try again")
