"""What has had its time is forgotten, and nothing before."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from msgspec.structs import replace

from adapters.composition import System, compose, prepare, utc_now
from application.actor import Actor, Once
from application.catalog import VideoDetails
from application.repository import Receipt
from tests.support.site import OPERATOR, settings_for
from tests.support.waiting import until
from workers.follow import catch_up
from workers.housekeeping import CALLS_KEPT, Sweeping, keep_house, sweeps_of

pytestmark = pytest.mark.anyio

CALL = replace(OPERATOR, call=replace(OPERATOR.call, once=Once(b"k" * 32, b"q" * 32)))


class Hands:
    """A clock that stands where it is put."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self):
        return utc_now() + self.ahead


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
async def system(database, nats_url, redis_url, hands) -> AsyncIterator[System]:
    settings = settings_for(database, nats_url, redis_url)
    await prepare(settings)
    async with compose(settings, clock=hands) as system:
        yield system


async def draft(system: System, video_id: UUID, by: Actor = CALL) -> Receipt:
    return await system.catalog.draft_video(video_id, uuid4(), VideoDetails(title="x"), by)


async def sweep_all(system: System) -> None:
    for what, sweep in sweeps_of(system).items():
        await catch_up(Sweeping(system, what, sweep))


@asynccontextmanager
async def keeping_house(system: System) -> AsyncGenerator[None]:
    keeping = asyncio.create_task(keep_house(system))
    try:
        yield
    finally:
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)


async def test_a_call_is_remembered_for_a_day_and_not_longer(system, hands):
    first = await draft(system, uuid4())
    hands.ahead = CALLS_KEPT - timedelta(minutes=5)
    await sweep_all(system)
    assert (await draft(system, uuid4())) == replace(first, replayed=True)
    hands.ahead = CALLS_KEPT + timedelta(minutes=5)
    await sweep_all(system)
    assert not (await draft(system, uuid4())).replayed


async def test_every_log_is_swept(system):
    assert {f"{log}_calls" for log in system.logs} < set(sweeps_of(system))


async def are_forgotten(system: System) -> bool:
    async with system.pool.connection() as connection:
        return not await (await connection.execute("SELECT FROM log.catalog_once")).fetchall()


async def test_it_begins_at_once_and_goes_on_by_itself(system, hands):
    await draft(system, uuid4())
    hands.ahead = CALLS_KEPT * 2
    async with keeping_house(system):
        await until(lambda: are_forgotten(system))


async def test_a_sweep_that_fails_keeps_no_other_from_its_work(system, hands):
    await draft(system, uuid4())
    hands.ahead = CALLS_KEPT * 2
    async with system.pool.connection() as connection:
        await connection.execute("ALTER TABLE log.identity_once RENAME TO hidden")
    async with keeping_house(system):
        await until(lambda: are_forgotten(system))
