"""Logs on a database of their own."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack

import pytest

from adapters.postgres.connections import pool
from adapters.postgres.log import Pool, PostgresLog
from adapters.postgres.migrate import migrate
from adapters.postgres.subject_keys import SubjectKeys

MASTER_KEY = "11" * 32

OpenLog = Callable[..., PostgresLog]


@pytest.fixture
async def connections(database: str) -> AsyncIterator[Pool]:
    await migrate(database)
    connections = pool(database, size=4)
    await connections.open()
    yield connections
    await connections.close()


@pytest.fixture
async def keys(connections: Pool) -> SubjectKeys:
    return SubjectKeys(connections, MASTER_KEY)


@pytest.fixture
async def open_log(database: str, connections: Pool, keys: SubjectKeys) -> AsyncIterator[OpenLog]:
    """Opens logs, as other processes would, and closes them after the test."""
    async with AsyncExitStack() as opened:

        def open_one(name: str = "engagement", *, capacity: int = 20_000) -> PostgresLog:
            log = PostgresLog(name, url=database, pool=connections, keys=keys, capacity=capacity)
            log.start()
            opened.push_async_callback(log.close)
            return log

        yield open_one


@pytest.fixture
async def log(open_log: OpenLog) -> PostgresLog:
    return open_log()
