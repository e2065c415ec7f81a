"""Puts read models in place: tables, the view that readers ask, and positions at zero."""

from collections.abc import Iterable, Sequence
from typing import Any

from psycopg import AsyncConnection
from psycopg.sql import SQL, Identifier

from adapters.postgres.connections import connect
from adapters.postgres.migrate import LOCK
from adapters.postgres.read_model import PostgresReadModel
from projections.read_model import Projection

REGISTER = """
INSERT INTO read.projections (name, version, state)
SELECT %(name)s, %(version)s, 'live'
WHERE NOT EXISTS (SELECT FROM read.projections WHERE name = %(name)s)
"""
START = "INSERT INTO read.positions (name, version, log) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING"


async def install(
    url: str, projections: Iterable[Projection[Any]], models: Iterable[type[PostgresReadModel[Any]]]
) -> Sequence[str]:
    """Install what is not there in any version; returns the names.  May be run again, and by several at once.

    A projection whose version in the code is newer than the live one is left as
    it is: a rebuild brings it in.
    """
    tables = {model.name: model for model in models}
    connection = await connect(url)
    async with connection:
        await connection.execute("SELECT pg_advisory_lock(%s)", (LOCK,))
        return [each.name for each in projections if await _install(connection, each, tables.get(each.name))]


async def _install(
    connection: AsyncConnection[Any], projection: Projection[Any], model: type[PostgresReadModel[Any]] | None
) -> bool:
    async with connection.transaction():
        registered = await connection.execute(REGISTER, {"name": projection.name, "version": projection.version})
        if registered.rowcount == 0:
            return False
        for log in projection.logs:
            await connection.execute(START, (projection.name, projection.version, log))
        if model is not None:
            await _create(connection, model)
    return True


async def _create(connection: AsyncConnection[Any], model: type[PostgresReadModel[Any]]) -> None:
    for table, columns in model.tables.items():
        await connection.execute(model.statement(f"CREATE TABLE {{{table}}} ({columns}) {model.storage}"))
    for index in model.indexes:
        await connection.execute(model.statement(index))
    for table, versioned in model.table_names().items():
        view = SQL("CREATE VIEW {} AS SELECT * FROM {}").format(Identifier("read", table), versioned)
        await connection.execute(view)
