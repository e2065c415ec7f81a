"""Whether the servers behind the platform can be used at this moment; asked by whoever watches over a process."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from urllib.parse import urlsplit
from uuid import uuid4

from adapters.nats.connection import NatsConnection
from adapters.postgres.log import Pool
from adapters.postgres.migrate import migrations
from adapters.redis.connection import RedisConnection
from projections.recommendations.question import FeedQuestion, Recommender

Probe = Callable[[], Awaitable[None]]
"""Returns if the thing can be used; raises whatever says that it cannot."""

Probes = Mapping[str, Probe]
"""By the name of what is asked."""

NO_SUCH_KEY = "playhead:readiness"
MILVUS_PORT = 19530
FIRST_CONNECTION_SECONDS = 1.0

INSTALLED = "SELECT name FROM public.migrations UNION ALL SELECT name FROM read.projections"


class NotReady(Exception):
    """The server answers, and cannot do what it is there for."""


def postgres_probe(pool: Pool) -> Probe:
    """Whether a connection can be had that may write: one to a standby may not."""

    async def ask() -> None:
        async with pool.connection() as connection:
            [(read_only,)] = await (await connection.execute("SHOW transaction_read_only")).fetchall()
        if read_only != "off":
            raise NotReady("the server takes no writes")

    return ask


def schema_probe(pool: Pool, projections: Sequence[str]) -> Probe:
    """Whether the database has all that the code counts on: migrations, and read models of these names."""
    needed = {*(migration.name for migration in migrations()), *projections}

    async def ask() -> None:
        async with pool.connection() as connection:
            rows = await (await connection.execute(INSTALLED)).fetchall()
        if missing := needed - {name for (name,) in rows}:
            raise NotReady(f"not applied: {', '.join(sorted(missing))}")

    return ask


def nats_probe(nats: NatsConnection) -> Probe:
    """Whether the connection stands, or comes to within a moment of the start."""

    async def ask() -> None:
        if not await nats.ready(FIRST_CONNECTION_SECONDS):
            raise NotReady("not connected")

    return ask


def redis_probe(redis: RedisConnection) -> Probe:
    """Whether it answers; one that failed a moment ago is left alone and counts as away."""

    async def ask() -> None:
        if await redis.fields(NO_SUCH_KEY) is None:
            raise NotReady("no answer")

    return ask


def milvus_probe(uri: str) -> Probe:
    """Whether it takes connections; no more is asked, since its client is heavy and belongs to the recommender."""
    address = urlsplit(uri)

    async def ask() -> None:
        _, writer = await asyncio.open_connection(address.hostname, address.port or MILVUS_PORT)
        writer.close()
        await writer.wait_closed()

    return ask


def recommender_probe(recommender: Recommender) -> Probe:
    """Whether somebody recommends: asks for a user whom nobody knows, so that no cache has the answer."""

    async def ask() -> None:
        await recommender.feed(FeedQuestion(user_id=uuid4(), count=1))

    return ask
