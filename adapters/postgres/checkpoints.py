"""Where read models that live in memory leave their state between two lives."""

import json
from collections.abc import Mapping

from adapters.postgres.log import Pool

SAVE = """
INSERT INTO read.checkpoints (name, version, positions, state) VALUES (%s, %s, %s, %b)
ON CONFLICT (name, version) DO UPDATE
SET positions = EXCLUDED.positions, state = EXCLUDED.state, saved_at = clock_timestamp()
"""
LOAD = "SELECT positions, state FROM read.checkpoints WHERE name = %s AND version = %s"


class PostgresCheckpoints:
    """`Checkpoints`: one row for each version, at most a gigabyte (the limit of ``bytea``)."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def save(self, name: str, version: int, positions: Mapping[str, int], state: bytes) -> None:
        """Replace the checkpoint of this projection and version."""
        async with self._pool.connection() as connection:
            await connection.execute(SAVE, (name, version, json.dumps(dict(positions)), state))

    async def load(self, name: str, version: int) -> tuple[dict[str, int], bytes] | None:
        """The last one saved, or None."""
        async with self._pool.connection() as connection, connection.cursor(binary=True) as cursor:
            await cursor.execute(LOAD, (name, version))
            return await cursor.fetchone()
