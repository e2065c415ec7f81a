"""How far every read model has come: to wait for, and to look at."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec
from psycopg.rows import class_row

from adapters.postgres.log import Pool
from projections.read_model import ReadModelBehind

LIVE = """
SELECT name, log, position FROM read.positions JOIN read.projections USING (name, version) WHERE state = 'live'
"""
STANDINGS = """
SELECT name, version, state, log, position, moved_at
FROM read.projections JOIN read.positions USING (name, version) ORDER BY name, version, log
"""
REPORT = """
UPDATE read.positions SET position = %s, moved_at = clock_timestamp() WHERE name = %s AND version = %s AND log = %s
"""

FIRST_LOOK, LONGEST_PAUSE = 0.002, 0.05
"""Seconds between looks at the positions while somebody waits, doubled each time."""


class Standing(msgspec.Struct, frozen=True):
    """How far one version of a read model has come along one log, and since when it stands there."""

    name: str
    version: int
    state: str
    log: str
    position: int
    moved_at: datetime


class PostgresPositions:
    """`Positions`; however many wait, one of them looks.

    ``patience`` bounds the wait, in seconds.
    """

    def __init__(self, pool: Pool, *, patience: float) -> None:
        self._pool = pool
        self._patience = patience
        self._known: dict[tuple[str, str], int] = {}
        self._look: asyncio.Task[None] | None = None

    async def wait_for(self, name: str, at_least: Mapping[str, int]) -> None:
        """Return once the read model knows of these positions; raises `ReadModelBehind`."""
        pause = FIRST_LOOK
        deadline = asyncio.get_running_loop().time() + self._patience
        while behind := self._behind(name, at_least):
            if asyncio.get_running_loop().time() > deadline:
                raise behind
            if self._look is None or self._look.done():
                self._look = asyncio.create_task(self._look_after(pause))
            await asyncio.shield(self._look)
            pause = min(pause * 2, LONGEST_PAUSE)

    async def standings(self) -> Sequence[Standing]:
        """Every version of every read model, by name."""
        async with self._pool.connection() as connection, connection.cursor(row_factory=class_row(Standing)) as cursor:
            await cursor.execute(STANDINGS)
            return await cursor.fetchall()

    async def report(self, name: str, version: int, positions: Mapping[str, int]) -> None:
        """Say how far a read model has come that keeps its position elsewhere, for others to see."""
        async with self._pool.connection() as connection, connection.transaction(), connection.cursor() as cursor:
            await cursor.executemany(REPORT, [(position, name, version, log) for log, position in positions.items()])

    def _behind(self, name: str, at_least: Mapping[str, int]) -> ReadModelBehind | None:
        for log, asked in at_least.items():
            if (reached := self._known.get((name, log), 0)) < asked:
                return ReadModelBehind(name, log, asked=asked, reached=reached)
        return None

    async def _look_after(self, pause: float) -> None:
        await asyncio.sleep(pause)
        async with self._pool.connection() as connection:
            rows = await (await connection.execute(LIVE)).fetchall()
        self._known = {(name, log): position for name, log, position in rows}
