"""How connections are made: one set of time-outs for all of them."""

import select
from typing import Any

from psycopg import AsyncConnection, OperationalError
from psycopg.pq import ConnStatus
from psycopg_pool import AsyncConnectionPool

from adapters.postgres.arrays import register

CONNECT_SECONDS = 5
PARAMETERS: dict[str, Any] = {
    "autocommit": True,
    "connect_timeout": CONNECT_SECONDS,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
    "application_name": "playhead",
}
"""Seconds, but for ``tcp_user_timeout`` (milliseconds): a dead peer is noticed within about ten seconds."""


async def connect(url: str) -> AsyncConnection[tuple[Any, ...]]:
    """One connection of its own, in autocommit mode, that takes packed arrays."""
    connection = await AsyncConnection.connect(url, **PARAMETERS)
    register(connection)
    return connection


async def _configure(connection: AsyncConnection[Any]) -> None:
    register(connection)


async def _check(connection: AsyncConnection[Any]) -> None:
    """Raises `psycopg.OperationalError` for a connection that the server has closed.

    Asks the socket and not the server: a round trip before each query would
    double its cost.
    """
    readable, _, _ = select.select([connection.pgconn.socket], [], [], 0)
    if readable:
        connection.pgconn.consume_input()
        if connection.pgconn.status != ConnStatus.OK:
            raise OperationalError("the server closed the connection")


def pool(url: str, *, size: int) -> AsyncConnectionPool[AsyncConnection[Any]]:
    """A pool of at most ``size`` connections; the caller opens and closes it.

    Who finds none free within five seconds gets `psycopg_pool.PoolTimeout`.
    """
    return AsyncConnectionPool(
        url,
        kwargs=PARAMETERS,
        min_size=1,
        max_size=size,
        timeout=CONNECT_SECONDS,
        configure=_configure,
        open=False,
        check=_check,
    )
