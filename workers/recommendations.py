"""The recommender's process: follows its logs, answers questions, and leaves its state where the next one finds it."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping

import structlog

from adapters.composition import System
from adapters.recommender import compose_recommender
from workers.follow import follow
from workers.projector import Projector
from workers.vitals import VITALS

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

BATCH = 2_000
"""Smaller than elsewhere: what is learned is learned one by one, and questions come in between."""

STEP_SECONDS = 0.5
"""How often the positions are told to those who look at them in the database."""

CHECKPOINT_FACTS, CHECKPOINT_SECONDS = 50_000, 120.0
"""A checkpoint is due after so many facts, or so long after any; a restart replays at most that."""


Positions = Callable[[], Awaitable[Mapping[str, int]]]


async def recommend(system: System) -> None:
    """Run until cancelled, and save a last checkpoint then."""
    projection = system.recommendations
    async with compose_recommender(system) as model:

        async def positions() -> Mapping[str, int]:
            return {log: await model.position(log) for log in projection.logs}

        async def save() -> None:
            await model.checkpoint(system.checkpoints)

        try:
            async with asyncio.TaskGroup() as tasks:
                for name in projection.logs:
                    projector = Projector(projection, model, system.logs[name], batch=BATCH, tracing=system.tracing)
                    tasks.create_task(follow(projector, await system.doorbell.listen(name)))
                tasks.create_task(_again_and_again("recommendations:report", _Report(system, positions).step))
                tasks.create_task(_again_and_again("recommendations:checkpoint", _Saving(positions, save).step))
        finally:
            await save()


class _Report:
    """Tells the database how far the engine has come, whenever it has come further."""

    def __init__(self, system: System, positions: Positions) -> None:
        self._system = system
        self._positions = positions
        self._told: Mapping[str, int] = {}

    async def step(self) -> None:
        projection = self._system.recommendations
        if (reached := await self._positions()) != self._told:
            await self._system.positions.report(projection.name, projection.version, reached)
            self._told = reached


class _Saving:
    """Saves a checkpoint when one is due; what it begins with was read from one."""

    def __init__(self, positions: Positions, save: Callable[[], Awaitable[None]]) -> None:
        self._positions = positions
        self._save = save
        self._saved: int | None = None
        self._since = time.monotonic()

    async def step(self) -> None:
        reached = sum((await self._positions()).values())
        if self._saved is None:
            self._saved = reached
        elapsed = time.monotonic() - self._since
        if reached - self._saved >= CHECKPOINT_FACTS or (reached > self._saved and elapsed >= CHECKPOINT_SECONDS):
            await self._save()
            self._saved, self._since = reached, time.monotonic()


async def _again_and_again(name: str, step: Callable[[], Awaitable[None]]) -> None:
    """A step that fails is tried again: the engine must outlive a database that is away for a while."""
    with VITALS.of(name) as pulse:
        while True:
            try:
                with pulse.step():
                    await step()
            except Exception:
                log.exception("recommender_step_failed", step=name)
            await asyncio.sleep(STEP_SECONDS)
