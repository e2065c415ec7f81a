"""Waits until the read models know what was imported."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence

import msgspec

from adapters.composition import System

LOOK_SECONDS = 0.1
PATIENCE_SECONDS = 60.0
"""How long no read model may move before waiting is given up."""


class Behind(msgspec.Struct, frozen=True):
    """A live read model that is ``lag`` events behind what is waited for."""

    name: str
    log: str
    lag: int

    def __str__(self) -> str:
        return f"{self.name} by {self.lag:,} of {self.log}"


class ReadModelsStand(Exception):
    """Read models are behind and none of them moves: no worker runs, or it cannot go on."""

    def __init__(self, behind: Sequence[Behind], seconds: float) -> None:
        super().__init__(
            f"no read model moved for {seconds:g} s; behind are {', '.join(map(str, behind))}. The import itself is "
            "complete. Is a worker running? ./playhead up starts them, ./playhead worker projections runs one"
        )


async def heads(system: System) -> dict[str, int]:
    """The last position of every log."""
    return {name: await log.head() for name, log in system.logs.items()}


async def caught_up(
    system: System,
    upto: Mapping[str, int],
    *,
    told: Callable[[Sequence[Behind]], None],
    stopping: Callable[[], bool],
    patience: float = PATIENCE_SECONDS,
) -> bool:
    """Return True once every live read model knows the logs up to ``upto``, False once ``stopping``.

    ``told`` hears who is behind, at every look.  Takes as long as read models
    move; raises `ReadModelsStand` when none has for ``patience`` seconds.
    """
    least, moved = None, time.monotonic()
    while behind := await _behind(system, upto):
        told(behind)
        if stopping():
            return False
        missing = sum(each.lag for each in behind)
        if least is None or missing < least:
            least, moved = missing, time.monotonic()
        elif time.monotonic() - moved > patience:
            raise ReadModelsStand(behind, patience)
        await asyncio.sleep(LOOK_SECONDS)
    return True


async def _behind(system: System, upto: Mapping[str, int]) -> Sequence[Behind]:
    return [
        Behind(each.name, each.log, upto[each.log] - each.position)
        for each in await system.positions.standings()
        if each.state == "live" and each.position < upto.get(each.log, 0)
    ]
