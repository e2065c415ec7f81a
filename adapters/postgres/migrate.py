"""Migrations: plain SQL, numbered, forward only, each in a transaction of its own."""

import hashlib
from collections.abc import Sequence
from importlib.resources import files
from typing import Any, LiteralString, NamedTuple, cast

from psycopg import AsyncConnection

from adapters.postgres.connections import connect

LOCK = 0x706C6179
"""Advisory lock: two processes that migrate at once take turns (the letters "play")."""

JOURNAL = """
CREATE TABLE IF NOT EXISTS public.migrations (
    name       text        PRIMARY KEY,
    digest     text        NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
)
"""


class MigrationChanged(Exception):
    """A migration that was applied is not the one in the code: write a new one instead of editing it."""


class Migration(NamedTuple):
    """One file of ``migrations/``."""

    name: str
    sql: str

    @property
    def digest(self) -> str:
        """Hex SHA-256 of the file."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


def migrations() -> Sequence[Migration]:
    """All there are, in the order they apply."""
    folder = files("adapters.postgres") / "migrations"
    found = [Migration(file.name, file.read_text()) for file in folder.iterdir() if file.name.endswith(".sql")]
    return sorted(found)


async def migrate(url: str) -> Sequence[str]:
    """Apply what is not applied yet; returns the names of those.  May be run again, and by several at once.

    Raises `MigrationChanged`.
    """
    connection = await connect(url)
    async with connection:
        await connection.execute("SELECT pg_advisory_lock(%s)", (LOCK,))
        await connection.execute(JOURNAL)
        cursor = await connection.execute("SELECT name, digest FROM public.migrations")
        applied = dict(await cursor.fetchall())
        return [migration.name for migration in migrations() if await _apply(connection, migration, applied)]


async def _apply(connection: AsyncConnection[Any], migration: Migration, applied: dict[str, str]) -> bool:
    if migration.name in applied:
        if applied[migration.name] != migration.digest:
            raise MigrationChanged(migration.name)
        return False
    async with connection.transaction():
        await connection.execute(cast("LiteralString", migration.sql), prepare=False)
        await connection.execute(
            "INSERT INTO public.migrations (name, digest) VALUES (%s, %s)", (migration.name, migration.digest)
        )
    return True
