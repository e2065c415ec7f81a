"""A log in memory that can be told to fail, which real ones do too rarely to be asked about it."""

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from application.actor import Once
from application.ports import Kept, Recorded
from domain.kernel.event import Event, Fact, Occurrence


class FailingLog:
    """`EventLog` for reports: takes its time, and first fails as it is told, recording nevertheless or not.

    ``at_once`` is the most reports that were ever under way together.
    """

    name = "failing"

    def __init__(self, *failures: tuple[type[Exception], bool]) -> None:
        self.recorded: list[UUID] = []
        self.at_once = 0
        self._failures = list(failures)
        self._under_way = 0

    async def report(self, facts: Sequence[Fact[Event]]) -> Sequence[Recorded]:
        self._under_way += 1
        self.at_once = max(self.at_once, self._under_way)
        await asyncio.sleep(0)
        self._under_way -= 1
        failure, records = self._failures.pop(0) if self._failures else (None, True)
        outcome = [self._record(fact.event_id) for fact in facts] if records else []
        if failure:
            raise failure
        return outcome

    def _record(self, event_id: UUID) -> Recorded:
        if duplicate := event_id in self.recorded:
            return Recorded(self.recorded.index(event_id) + 1, duplicate)
        self.recorded.append(event_id)
        return Recorded(len(self.recorded), duplicate=False)

    async def stream(self, stream_id: UUID) -> Sequence[Fact[Any]]:
        raise NotImplementedError

    async def append(self, facts: Sequence[Fact[Event]], *, once: Once | None = None) -> int:
        raise NotImplementedError

    async def kept(self, once: Once) -> Kept | None:
        raise NotImplementedError

    async def keep(self, once: Once, kept: Kept) -> None:
        raise NotImplementedError

    async def occurrences(self, *, after: int, limit: int) -> Sequence[Occurrence[Any]]:
        raise NotImplementedError

    async def read(self, *, after: int, limit: int) -> Sequence[Fact[Any]]:
        raise NotImplementedError

    async def head(self) -> int:
        return len(self.recorded)
