"""What the platform depends on: how to ask whether it can be used at this moment, and what fails while it cannot."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import uuid4

from adapters.nats.connection import NatsConnection
from adapters.postgres.log import Pool
from adapters.postgres.mails import PostgresMails
from adapters.postgres.migrate import migrations
from adapters.postgres.positions import PostgresPositions
from adapters.redis.connection import RedisConnection
from adapters.settings import Settings
from application.ports import Clock, EventLog
from application.readiness import Dependency, NotReady, Watch
from projections.recommendations.question import FeedQuestion, Recommender

LONGEST_WAIT = timedelta(minutes=15)
"""Of a mail: longer than the pauses between attempts of one that a busy server puts off once or twice."""

NO_SUCH_KEY = "playhead:readiness"
MILVUS_PORT = 19530
FIRST_CONNECTION_SECONDS = 1.0

INSTALLED = "SELECT name FROM public.migrations UNION ALL SELECT name FROM read.projections"


def watch(  # noqa: PLR0913 - the platform depends on much
    settings: Settings,
    clock: Clock,
    *,
    pool: Pool,
    logs: Mapping[str, EventLog],
    positions: PostgresPositions,
    nats: NatsConnection,
    redis: RedisConnection,
    recommender: Recommender,
    read_models: Sequence[str],
) -> Watch:
    """All that one process depends on."""
    return Watch(
        [
            needs_postgres(pool),
            needs_schema(pool, read_models),
            needs_read_models(positions, logs, limit=settings.lag_limit),
            needs_nats(nats),
            needs_redis(redis),
            needs_recommender(recommender),
            needs_mails_to_leave(PostgresMails(pool), clock),
            *([needs_milvus(settings.milvus_uri)] if settings.milvus_uri else []),
        ],
        clock,
    )


def needs_postgres(pool: Pool) -> Dependency:
    """A connection can be had that may write: one to a standby may not."""

    async def ask() -> None:
        async with pool.connection() as connection:
            [(read_only,)] = await (await connection.execute("SHOW transaction_read_only")).fetchall()
        if read_only != "off":
            raise NotReady("the server takes no writes: it is a standby, or was made read-only")

    return Dependency(name="postgres", ask=ask, required=True, without="nothing is recorded, nothing is answered")


def needs_schema(pool: Pool, projections: Sequence[str]) -> Dependency:
    """The database has all that the code counts on: migrations, and read models of these names."""
    needed = {*(migration.name for migration in migrations()), *projections}

    async def ask() -> None:
        async with pool.connection() as connection:
            rows = await (await connection.execute(INSTALLED)).fetchall()
        if missing := needed - {name for (name,) in rows}:
            raise NotReady(f"not applied, `playhead migrate` does it: {', '.join(sorted(missing))}")

    return Dependency(name="schema", ask=ask, required=True, without="what needs these tables fails")


def needs_read_models(positions: PostgresPositions, logs: Mapping[str, EventLog], *, limit: int) -> Dependency:
    """Every live read model is within ``limit`` events of every log that it follows."""

    async def ask() -> None:
        standings = [standing for standing in await positions.standings() if standing.state == "live"]
        # After the positions: a head read before them could lie behind them.
        heads = {name: await each.head() for name, each in logs.items()}
        behind = [
            f"{each.name} is {heads[each.log] - each.position:,} events behind {each.log}"
            for each in standings
            if heads[each.log] - each.position > limit
        ]
        if behind:
            raise NotReady("; ".join(behind))

    return Dependency(name="read_models", ask=ask, without="answers from these are older than they should be")


def needs_mails_to_leave(outbox: PostgresMails, clock: Clock) -> Dependency:
    """No mail waits longer than a mail server may reasonably be away."""

    async def ask() -> None:
        waiting, since = await outbox.waiting()
        if since is not None and clock() - since > LONGEST_WAIT:
            raise NotReady(f"{waiting} mails wait, the first of them since {since:%Y-%m-%d %H:%M} UTC")

    return Dependency(name="mails", ask=ask, without="nobody can prove an address or choose a new password")


def needs_nats(nats: NatsConnection) -> Dependency:
    """The connection stands, or comes to within a moment of the start."""

    async def ask() -> None:
        if not await nats.ready(FIRST_CONNECTION_SECONDS):
            raise NotReady("not connected")

    return Dependency(
        name="nats", ask=ask, without="nothing is recommended; what is new shows up a quarter of a second later"
    )


def needs_redis(redis: RedisConnection) -> Dependency:
    """It answers; one that failed a moment ago is left alone and counts as away."""

    async def ask() -> None:
        if await redis.fields(NO_SUCH_KEY) is None:
            raise NotReady("no answer")

    return Dependency(
        name="redis", ask=ask, without="each recommendation is computed; each process counts calls for itself"
    )


def needs_milvus(uri: str) -> Dependency:
    """It takes connections; no more is asked, since its client is heavy and belongs to the recommender."""
    address = urlsplit(uri)

    async def ask() -> None:
        _, writer = await asyncio.open_connection(address.hostname, address.port or MILVUS_PORT)
        writer.close()
        await writer.wait_closed()

    return Dependency(name="milvus", ask=ask, without="similar videos of large catalogues are searched for in memory")


def needs_recommender(recommender: Recommender) -> Dependency:
    """Somebody recommends: asked for a user whom nobody knows, so that no cache has the answer."""

    async def ask() -> None:
        await recommender.feed(FeedQuestion(user_id=uuid4(), count=1))

    return Dependency(name="recommender", ask=ask, without="only recommendations that were kept are answered")
