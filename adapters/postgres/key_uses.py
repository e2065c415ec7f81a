"""When API keys were last used: noted in memory, written in batches.

An event for each request would say no more and cost far more.  What a process
has noted and not yet written is lost with it: half a minute of it at most.
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import structlog
from psycopg import Error

from adapters.postgres.arrays import uuids
from adapters.postgres.log import Pool

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

WRITTEN_EVERY = 30.0
WRITE = """
INSERT INTO vault.key_uses AS known (key_id, user_id, used_at) SELECT * FROM unnest(%s, %s, %s::timestamptz[])
ON CONFLICT (key_id) DO UPDATE SET used_at = greatest(known.used_at, EXCLUDED.used_at)
"""


class PostgresKeyUses:
    """`KeyUses`; writes begin with the first use, and end with `close`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._noted: dict[UUID, tuple[UUID | None, datetime]] = {}
        self._writing: asyncio.Task[None] | None = None

    def note(self, key_id: UUID, user_id: UUID | None, at: datetime) -> None:
        """See `KeyUses`."""
        self._noted[key_id] = (user_id, at.replace(second=0, microsecond=0))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_on())

    async def write(self) -> None:
        """Write what was noted since the last time; one that fails is tried again with the next."""
        noted, self._noted = self._noted, {}
        if not noted:
            return
        try:
            async with self._pool.connection() as connection:
                await connection.execute(WRITE, _columns(noted))
        except Error as failure:
            self._noted = {**noted, **self._noted}
            log.warning("key_uses_not_written", error=type(failure).__name__, keys=len(noted))

    async def close(self) -> None:
        """Write the rest."""
        if self._writing is not None:
            self._writing.cancel()
            await asyncio.wait([self._writing])
            await self.write()

    async def _write_on(self) -> None:
        while True:
            await asyncio.sleep(WRITTEN_EVERY)
            await self.write()


def _columns(noted: Mapping[UUID, tuple[UUID | None, datetime]]) -> tuple[object, ...]:
    users, times = zip(*noted.values(), strict=True)
    return uuids(list(noted)), uuids(list(users)), list(times)
