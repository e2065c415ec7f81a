"""Read models in PostgreSQL: rows and position move together, or not at all.

Each version of a read model has tables of its own (``read.videos_v1``); readers
ask a view without the number (``read.videos``), so that a new version can be
built beside the live one and swapped in.
"""

from abc import ABC, abstractmethod
from typing import Any, ClassVar, Generic, TypeVar

from psycopg import AsyncCursor
from psycopg.sql import SQL, Composed, Identifier

from adapters.postgres.log import Pool
from projections.read_model import PositionMoved

C = TypeVar("C")

POSITION = "SELECT position FROM read.positions WHERE name = %s AND version = %s AND log = %s"
MOVE = """
UPDATE read.positions SET position = %s, moved_at = clock_timestamp()
WHERE name = %s AND version = %s AND log = %s AND position = %s
"""


class PostgresReadModel(ABC, Generic[C]):
    """A `ReadModel`; subclasses say what its tables are and how changes are written.

    ``tables`` maps each table's name to its columns, as the inside of a CREATE
    TABLE, and ``storage`` is what follows them; ``indexes`` are CREATE INDEX
    statements, made apart so that a rebuild can load first.  Tables and indexes
    are formatted with the version's table names.
    """

    name: ClassVar[str]
    version: ClassVar[int]
    logs: ClassVar[tuple[str, ...]]
    tables: ClassVar[dict[str, str]]
    storage: ClassVar[str] = ""
    indexes: ClassVar[tuple[str, ...]] = ()

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def position(self, log: str) -> int:
        """The last position taken in; 0 before the first, and where this version is not installed."""
        async with self._pool.connection() as connection:
            row = await (await connection.execute(POSITION, (self.name, self.version, log))).fetchone()
        return row[0] if row else 0

    async def advance(self, log: str, *, after: int, upto: int, changes: C) -> None:
        """Write and move in one transaction.  Raises `PositionMoved`."""
        async with (
            self._pool.connection() as connection,
            connection.transaction(),
            connection.cursor(binary=True) as cursor,
        ):
            # First the position: its row lock keeps a second projector out until this one commits.
            await cursor.execute(MOVE, (upto, self.name, self.version, log, after))
            if cursor.rowcount != 1:
                raise PositionMoved(f"{self.name} is no longer at {log}:{after}")
            await self.write(cursor, changes)

    @abstractmethod
    async def write(self, cursor: AsyncCursor[Any], changes: C) -> None:
        """Bring the rows up to date, within the transaction of ``cursor``."""

    @classmethod
    def statement(cls, sql: str) -> Composed:
        """``sql`` with ``{table}`` standing for this version's table of that name: what writes."""
        return SQL(sql).format(**cls.table_names())  # pyright: ignore[reportArgumentType] # our own constant

    @classmethod
    def table_names(cls) -> dict[str, Identifier]:
        """This version's tables, by the names that `statement` knows them under."""
        return {table: Identifier("read", f"{table}_v{cls.version}") for table in cls.tables}
