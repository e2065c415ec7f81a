"""The recommender's process: follows its logs, answers questions, and leaves its state where the next one finds it."""

import asyncio
from collections.abc import Mapping

from adapters.composition import System
from adapters.memory.recommendations import MemoryRecommendations
from adapters.recommender import compose_recommender
from projections.read_model import ReadModel
from projections.recommendations.changes import Changes
from workers.follow import follow
from workers.projector import Projector

BATCH = 2_000
"""Smaller than elsewhere: what is learned is learned one by one, and questions come in between."""

REPORT_SECONDS = 0.5
"""How often the positions are told to those who look at them in the database."""

CHECKPOINT_FACTS, CHECKPOINT_SECONDS = 50_000, 120.0
"""A checkpoint is due after so many facts, or so long after any; a restart replays at most that."""


async def recommend(system: System) -> None:
    """Run until cancelled, and save a last checkpoint then."""
    async with compose_recommender(system) as model:
        try:
            async with asyncio.TaskGroup() as tasks:
                for name in system.recommendations.logs:
                    projector = Projector(system.recommendations, model, system.logs[name], batch=BATCH)
                    tasks.create_task(follow(projector, await system.doorbell.listen(name)))
                tasks.create_task(_report(system, model))
                tasks.create_task(_checkpoint(system, model))
        finally:
            await model.checkpoint(system.checkpoints)


async def _positions(system: System, model: ReadModel[Changes]) -> Mapping[str, int]:
    return {log: await model.position(log) for log in system.recommendations.logs}


async def _report(system: System, model: ReadModel[Changes]) -> None:
    told: Mapping[str, int] = {}
    while True:
        if (positions := await _positions(system, model)) != told:
            await system.positions.report(system.recommendations.name, system.recommendations.version, positions)
            told = positions
        await asyncio.sleep(REPORT_SECONDS)


async def _checkpoint(system: System, model: MemoryRecommendations) -> None:
    saved = sum((await _positions(system, model)).values())
    waited = 0.0
    while True:
        await asyncio.sleep(REPORT_SECONDS)
        waited += REPORT_SECONDS
        reached = sum((await _positions(system, model)).values())
        if reached - saved >= CHECKPOINT_FACTS or (reached > saved and waited >= CHECKPOINT_SECONDS):
            await model.checkpoint(system.checkpoints)
            saved, waited = reached, 0.0
