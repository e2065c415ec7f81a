"""Moves one read model along one log: read a batch, fold it, write it and move the position together.

Every step is safe to die in: what was folded but not written is read again,
and what was written moved the position in the same transaction.
"""

import asyncio
import time
from collections.abc import Sequence
from typing import Any, TypeVar

import structlog
from prometheus_client import Counter, Histogram

from application.ports import EventLog
from application.tracing import Tracing, spanned
from projections.read_model import Projection, ReadModel

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

C = TypeVar("C")
Facts = Sequence[Any]
"""`Fact`s, or `Occurrence`s for a projection that is bare."""

BATCH = 5_000
"""Facts read at once when behind; a batch is smaller as soon as the log has no more."""

APPLIED = Counter("playhead_projection_applied_events_total", "Events projected.", ["projection", "log"])
BATCH_SECONDS = Histogram("playhead_projection_batch_seconds", "From reading a batch to its commit.", ["projection"])


class Projector:
    """One projection, its read model, and one of the logs it follows."""

    def __init__(
        self,
        projection: Projection[C],
        model: ReadModel[C],
        source: EventLog,
        *,
        batch: int = BATCH,
        tracing: Tracing | None = None,
    ) -> None:
        self.name = f"{projection.name}:{source.name}"
        self._projection = projection
        self._model: ReadModel[Any] = model
        self._source = source
        self._read = source.occurrences if projection.bare else source.read
        self._batch = batch
        self._tracing = tracing
        self._ahead: tuple[int, asyncio.Task[Facts]] | None = None

    async def step(self) -> int:
        """Take in one batch; returns how many facts it had, 0 when there is nothing new.

        Raises `PositionMoved` if another projector moves the same read model.
        """
        began = time.perf_counter()
        after = await self._model.position(self._source.name)
        facts = await self._facts(after)
        if facts:
            if len(facts) == self._batch:
                self._read_ahead(facts[-1].position)
            try:
                with spanned(self._tracing, f"project {self.name}", "consumer", events=len(facts)):
                    await self._take_in(after, facts)
            except BaseException:
                self._drop_ahead()
                raise
            self._note(facts, time.perf_counter() - began)
        return len(facts)

    async def _take_in(self, after: int, facts: Facts) -> None:
        changes = self._projection.fold(facts)
        await self._model.advance(self._source.name, after=after, upto=facts[-1].position, changes=changes)

    async def _facts(self, after: int) -> Facts:
        if self._ahead is not None and self._ahead[0] == after:
            (_, reading), self._ahead = self._ahead, None
            return await reading
        self._drop_ahead()
        return await self._read(after=after, limit=self._batch)

    def _read_ahead(self, after: int) -> None:
        """Let the database look up the next batch while this one is folded, and decode it while this one is written."""
        reading = asyncio.create_task(self._read(after=after, limit=self._batch))
        reading.add_done_callback(_noticed)
        self._ahead = after, reading

    def _drop_ahead(self) -> None:
        if self._ahead is not None:
            self._ahead[1].cancel()
            self._ahead = None

    def _note(self, facts: Facts, seconds: float) -> None:
        APPLIED.labels(self._projection.name, self._source.name).inc(len(facts))
        BATCH_SECONDS.labels(self._projection.name).observe(seconds)
        log.info(
            "batch_projected",
            projection=self._projection.name,
            log=self._source.name,
            position=facts[-1].position,
            events=len(facts),
            milliseconds=round(seconds * 1000, 1),
        )


def _noticed(reading: asyncio.Task[Facts]) -> None:
    """One that was dropped may have failed for nobody: the next step reads it again, and fails for somebody."""
    if not reading.cancelled():
        reading.exception()
