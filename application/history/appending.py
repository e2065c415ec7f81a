"""Appends batches to several logs at once, and to each of them in order."""

import asyncio
from collections.abc import Mapping, Sequence

from application.ports import EventLog, LogBusy, LogUnavailable, Recorded
from domain.kernel.event import Event, Fact

ATTEMPTS = 6
"""How often a batch is offered to a log that does not answer; each time it waits as long as callers of the log do."""

PAUSE_SECONDS = 1.0
"""Between two offers."""


class OrderedAppends:
    """One batch is on its way to each log at any time.

    A second one could overtake the first, were that to time out and be sent
    again.  ``appended`` and ``duplicates`` count facts that are on disk.
    """

    def __init__(self, logs: Mapping[str, EventLog], *, pause: float = PAUSE_SECONDS) -> None:
        self._logs = logs
        self._pause = pause
        self._under_way: dict[str, asyncio.Task[None]] = {}
        self.appended = 0
        self.duplicates = 0

    async def append(self, facts: Mapping[str, Sequence[Fact[Event]]]) -> None:
        """Begin to append, by log; returns when all logs have taken the batch before.  Raises `LogUnavailable`."""
        for log, batch in facts.items():
            if log in self._under_way:
                await self._under_way[log]
            self._under_way[log] = asyncio.create_task(self._report(self._logs[log], batch))

    async def finish(self) -> None:
        """Return once all is on disk; raises `LogUnavailable`."""
        under_way, self._under_way = self._under_way, {}
        for outcome in await asyncio.gather(*under_way.values(), return_exceptions=True):
            if isinstance(outcome, BaseException):
                raise outcome

    async def _report(self, log: EventLog, facts: Sequence[Fact[Event]]) -> None:
        recorded = await self._persistently(log, facts)
        duplicates = sum(each.duplicate for each in recorded)
        self.duplicates += duplicates
        self.appended += len(recorded) - duplicates

    async def _persistently(self, log: EventLog, facts: Sequence[Fact[Event]]) -> Sequence[Recorded]:
        for _ in range(ATTEMPTS - 1):
            try:
                return await log.report(facts)
            except (LogBusy, LogUnavailable):  # what was recorded of them will be a duplicate
                await asyncio.sleep(self._pause)
        return await log.report(facts)
