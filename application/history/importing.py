"""Imports history: batches of lines become facts, and while one batch is recorded the next is read.

May be stopped anywhere, also by a crash, and run again: what is recorded
already is a duplicate, so any number of runs leave what one run leaves.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Self

import msgspec

from application.history.appending import OrderedAppends
from application.history.facts import Recording, facts_of
from application.history.lines import Line, LineReader
from application.history.records import Record, read_record
from application.ports import Clock, EventLog
from domain.kernel.errors import Invalid
from domain.kernel.event import Event, Fact


class BadLine(msgspec.Struct, frozen=True):
    """A line that is not recorded, and why; ``field`` is None where no single one is at fault."""

    file: str
    line: int
    field: str | None
    reason: str

    def __str__(self) -> str:
        field = f"{self.field}: " if self.field else ""
        return f"{self.file}:{self.line}: {field}{self.reason}"


class StoppedAtBadLine(Exception):
    """Nothing of the batch with the bad line was appended, and everything before it was."""

    def __init__(self, bad: BadLine) -> None:
        super().__init__(str(bad))
        self.bad = bad


FactsOfRecord = tuple[str, tuple[Fact[Event], ...]]
"""The log that a record belongs to, and its facts."""

RECORD_OF = {"identity": "user", "catalog": "video", "engagement": "interaction"}
"""The type of the records that a log's facts come from."""

SetAside = Callable[[BadLine, bytes], None]
"""Keeps a bad line and its text; called before any line of its batch is recorded."""


class Tally(msgspec.Struct):
    """What an import has come to: records by type, events by what became of them, lines set aside."""

    records: dict[str, int]
    appended: int = 0
    duplicates: int = 0
    rejected: int = 0

    @property
    def total(self) -> int:
        """All records."""
        return sum(self.records.values())


class HistoryImport:
    """Imports any number of files, one after the other; leaving its context waits until all is on disk.

    Without ``set_aside`` a bad line raises `StoppedAtBadLine`.  ``advanced`` is
    called after every batch; ``stopping`` is asked before every batch, and ends
    the import there.
    """

    def __init__(
        self,
        logs: Mapping[str, EventLog],
        clock: Clock,
        *,
        actor_id: str,
        set_aside: SetAside | None = None,
        advanced: Callable[[], None] = lambda: None,
        stopping: Callable[[], bool] = lambda: False,
    ) -> None:
        self._appends = OrderedAppends(logs)
        self._clock = clock
        self._actor_id = actor_id
        self._set_aside = set_aside
        self._advanced = advanced
        self._stopping = stopping
        self._records = dict.fromkeys(RECORD_OF.values(), 0)
        self._rejected = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._appends.finish()

    @property
    def tally(self) -> Tally:
        """So far; of the batches under way the records are counted and the events are not yet."""
        return Tally(self._records, self._appends.appended, self._appends.duplicates, self._rejected)

    async def read(self, file: str, lines: LineReader) -> None:
        """Import one file, called ``file`` in messages.  Raises `StoppedAtBadLine` and `LogUnavailable`."""
        while (batch := await asyncio.to_thread(lines.read)) and not self._stopping():
            await self._append(self._facts(file, batch))

    async def append(self, records: Sequence[Record]) -> None:
        """Import records that are right for certain.  Raises `LogUnavailable`."""
        recording = Recording(self._actor_id, self._clock())
        await self._append(facts_of(record, recording) for record in records)

    async def _append(self, found: Iterable[FactsOfRecord]) -> None:
        facts: dict[str, list[Fact[Event]]] = defaultdict(list)
        counts: dict[str, int] = defaultdict(int)
        for log, of_record in found:
            facts[log].extend(of_record)
            counts[RECORD_OF[log]] += 1
        await self._appends.append(facts)
        for record, count in counts.items():
            self._records[record] += count
        self._advanced()

    def _facts(self, file: str, batch: Sequence[Line]) -> Iterable[FactsOfRecord]:
        recording = Recording(self._actor_id, self._clock())
        for number, text in batch:
            try:
                found = facts_of(read_record(text), recording)
            except Invalid as wrong:
                self._refuse(BadLine(file, number, wrong.field, str(wrong)), text)
            else:
                yield found

    def _refuse(self, bad: BadLine, text: bytes) -> None:
        if self._set_aside is None:
            raise StoppedAtBadLine(bad)
        self._set_aside(bad, text)
        self._rejected += 1
