"""How far reactors have read: what they take in and their position move together, or not at all.

As with a read model (`adapters.postgres.read_model`), but for good: there are
no versions, and nobody begins again at position 1.
"""

from abc import ABC, abstractmethod
from typing import Any, ClassVar, Generic, TypeVar

from psycopg import AsyncCursor

from adapters.postgres.log import Pool
from projections.read_model import PositionMoved

C = TypeVar("C")

POSITION = "SELECT position FROM work.positions WHERE reactor = %s AND log = %s"
MOVE = """
UPDATE work.positions SET position = %s, moved_at = clock_timestamp()
WHERE reactor = %s AND log = %s AND position = %s
"""


class PostgresReaction(ABC, Generic[C]):
    """A `ReadModel` of what is still to be done; its position is made by a migration."""

    name: ClassVar[str]

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def position(self, log: str) -> int:
        """The last position taken in; 0 before the first."""
        async with self._pool.connection() as connection:
            [(position,)] = await (await connection.execute(POSITION, (self.name, log))).fetchall()
        return position

    async def advance(self, log: str, *, after: int, upto: int, changes: C) -> None:
        """Write and move in one transaction.  Raises `PositionMoved`."""
        async with self._pool.connection() as connection, connection.transaction(), connection.cursor() as cursor:
            await cursor.execute(MOVE, (upto, self.name, log, after))
            if cursor.rowcount != 1:
                raise PositionMoved(f"{self.name} is no longer at {log}:{after}")
            await self.write(cursor, changes)

    @abstractmethod
    async def write(self, cursor: AsyncCursor[Any], changes: C) -> None:
        """Note what is to be done, within the transaction of ``cursor``."""
