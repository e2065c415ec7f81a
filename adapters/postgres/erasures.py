"""How far erasures have been seen to."""

from typing import Any

from psycopg import AsyncCursor

from adapters.postgres.reactions import PostgresReaction


class PostgresErasures(PostgresReaction[None]):
    """The position of the reactor that finishes erasures: it moves once they are carried out."""

    name = "erasures"

    async def write(self, cursor: AsyncCursor[Any], changes: None) -> None:
        """There is nothing to note: an erasure is carried out, not put on a list."""
