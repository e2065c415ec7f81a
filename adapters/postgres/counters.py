"""Read models whose rows are counts that batches add to."""

from collections.abc import Mapping
from typing import Any, ClassVar, TypeVar
from uuid import UUID

import msgspec
from psycopg import AsyncCursor
from psycopg.sql import SQL, Composed, Identifier

from adapters.postgres.arrays import bigints, uuids
from adapters.postgres.read_model import PostgresReadModel

T = TypeVar("T", bound=msgspec.Struct)

ADD = """
INSERT INTO {table} AS counted ({key}, {counts}) SELECT * FROM unnest(%s, {arrays})
ON CONFLICT ({key}) DO UPDATE SET {sums}
"""


class PostgresCounters(PostgresReadModel[Mapping[UUID, T]]):
    """One row of counts for each ``key``; the columns are the fields of ``counted``, all whole numbers."""

    # Half-empty pages let an update stay on its page, beside the row it replaces.
    storage = "WITH (fillfactor = 50)"
    key: ClassVar[str]
    counted: ClassVar[type[msgspec.Struct]]

    def __init_subclass__(cls) -> None:
        columns = ", ".join(f"{field} bigint NOT NULL" for field in cls.counted.__struct_fields__)
        cls.tables = {cls.name: f"{cls.key} uuid PRIMARY KEY, {columns}"}

    async def write(self, cursor: AsyncCursor[Any], changes: Mapping[UUID, T]) -> None:
        """Add to rows, in the order of their keys: two projectors that met would not wait for each other in a ring."""
        if not changes:
            return
        rows = sorted(changes.items())
        columns = [bigints([getattr(counts, field) for _, counts in rows]) for field in self.counted.__struct_fields__]
        await cursor.execute(self._add(), (uuids([key for key, _ in rows]), *columns), prepare=True)

    async def _counts(self, key: UUID) -> tuple[Any, ...] | None:
        fields = SQL(", ").join(map(Identifier, self.counted.__struct_fields__))
        query = SQL("SELECT {} FROM {} WHERE {} = %s").format(
            fields, Identifier("read", self.name), Identifier(self.key)
        )
        async with self._pool.connection() as connection:
            return await (await connection.execute(query, (key,))).fetchone()

    def _add(self) -> Composed:
        fields = self.counted.__struct_fields__
        sums = [SQL("{0} = counted.{0} + EXCLUDED.{0}").format(Identifier(field)) for field in fields]
        return SQL(ADD).format(
            table=self.table_names()[self.name],
            key=Identifier(self.key),
            counts=SQL(", ").join(map(Identifier, fields)),
            arrays=SQL(", ").join([SQL("%s")] * len(fields)),
            sums=SQL(", ").join(sums),
        )
