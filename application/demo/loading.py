"""Puts the example platform into the logs, once for each seed and scale."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import islice

import msgspec

from application.demo.watching import interactions
from application.demo.world import SPAN, World, first_user, made_up, world_name
from application.history.importing import HistoryImport, Tally
from application.history.records import Record
from application.ports import Clock, EventLog

BATCH_RECORDS = 2_000


class Loaded(msgspec.Struct, frozen=True):
    """The world that is in the logs now, and what it took to get it there."""

    world: World
    tally: Tally


async def load_demo(
    logs: Mapping[str, EventLog],
    clock: Clock,
    *,
    seed: int,
    scale: float,
    advanced: Callable[[int, int], None] = lambda _, __: None,
) -> Loaded:
    """Load the world of a seed; again, it appends nothing.  ``advanced`` hears how many records of how many are read.

    The world ends when it is loaded first.  Raises `LogUnavailable`.
    """
    history = HistoryImport(logs, clock, actor_id="operator:demo")
    world = made_up(seed, scale, await _end(history, logs["identity"], clock, world_name(seed, scale)))
    records: Sequence[Record] = [*world.users, *world.videos, *interactions(world)]
    async with history:
        rest = iter(records)
        while batch := list(islice(rest, BATCH_RECORDS)):
            await history.append(batch)
            advanced(history.tally.total, len(records) + 1)
    return Loaded(world, history.tally)


async def _end(history: HistoryImport, identity: EventLog, clock: Clock, name: str) -> datetime:
    """The moment up to which people watched: now, or what was now when this world was loaded first.

    A fixed day would make every new platform begin in the past, and a day that
    moves would make another world at every start.  So the first user tells: they
    are recorded before all others, and the log knows since when they are there.
    """
    first = first_user(name, clock().replace(second=0, microsecond=0))
    async with history:
        await history.append([first])
    [fact, *_] = await identity.stream(first.id)
    return fact.occurred_at + SPAN
