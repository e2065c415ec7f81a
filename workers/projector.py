"""Moves one read model along one log: read a batch, fold it, write it and move the position together.

Every step is safe to die in: what was folded but not written is read again,
and what was written moved the position in the same transaction.
"""

import time
from typing import Any, TypeVar

import structlog
from prometheus_client import Counter, Gauge, Histogram

from application.ports import EventLog
from projections.read_model import Projection, ReadModel

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

C = TypeVar("C")

BATCH = 5_000
"""Facts read at once when behind; a batch is smaller as soon as the log has no more."""

LAG = Gauge("playhead_projection_lag_events", "Events recorded and not yet projected.", ["projection", "log"])
APPLIED = Counter("playhead_projection_applied_events_total", "Events projected.", ["projection", "log"])
BATCH_SECONDS = Histogram("playhead_projection_batch_seconds", "From reading a batch to its commit.", ["projection"])


class Projector:
    """One projection, its read model, and one of the logs it follows."""

    def __init__(self, projection: Projection[C], model: ReadModel[C], source: EventLog, *, batch: int = BATCH) -> None:
        self.name = f"{projection.name}:{source.name}"
        self._projection = projection
        self._model: ReadModel[Any] = model
        self._source = source
        self._batch = batch

    async def step(self) -> int:
        """Take in one batch; returns how many facts it had, 0 when there is nothing new.

        Raises `PositionMoved` if another projector moves the same read model.
        """
        began = time.perf_counter()
        after = await self._model.position(self._source.name)
        facts = await self._source.read(after=after, limit=self._batch)
        if facts:
            upto = facts[-1].position
            changes = self._projection.fold(facts)
            await self._model.advance(self._source.name, after=after, upto=upto, changes=changes)
            self._note(len(facts), upto, time.perf_counter() - began)
        if len(facts) < self._batch:
            LAG.labels(self._projection.name, self._source.name).set(0)
        else:
            LAG.labels(self._projection.name, self._source.name).set(await self._source.head() - facts[-1].position)
        return len(facts)

    def _note(self, facts: int, upto: int, seconds: float) -> None:
        APPLIED.labels(self._projection.name, self._source.name).inc(facts)
        BATCH_SECONDS.labels(self._projection.name).observe(seconds)
        log.info(
            "batch_projected",
            projection=self._projection.name,
            log=self._source.name,
            position=upto,
            events=facts,
            milliseconds=round(seconds * 1000, 1),
        )
