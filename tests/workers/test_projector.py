"""Read, fold, write and move: every fact counts once, whatever happens in between."""

import asyncio
import random
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest

from adapters.composition import TABLES
from adapters.postgres.connections import pool
from adapters.postgres.install import install
from adapters.postgres.log import Pool, PostgresLog
from adapters.postgres.migrate import migrate
from adapters.postgres.subject_keys import SubjectKeys
from adapters.postgres.video_engagement import PostgresVideoEngagement
from domain.engagement.interaction import VideoLiked, VideoViewed
from projections.video_engagement import EngagementCounts, VideoEngagement
from tests.support.facts import fact
from workers.follow import catch_up, follow
from workers.projector import Projector

pytestmark = pytest.mark.anyio

VIDEOS = [UUID(int=number) for number in range(1, 8)]


@pytest.fixture
async def connections(database: str) -> AsyncIterator[Pool]:
    await migrate(database)
    await install(database, [projection for projection, _ in TABLES], [model for _, model in TABLES])
    async with pool(database, size=6) as connections:
        yield connections


@pytest.fixture
async def log(database: str, connections: Pool) -> AsyncIterator[PostgresLog]:
    log = PostgresLog("engagement", url=database, pool=connections, keys=SubjectKeys(connections, "11" * 32))
    log.start()
    yield log
    await log.close()


def some_events(count: int, seed: int = 1):
    chance = random.Random(seed)
    for _ in range(count):
        video = chance.choice(VIDEOS)
        if chance.random() < 0.3:
            yield fact(VideoLiked(user_id=uuid4(), video_id=video))
        else:
            yield fact(VideoViewed(user_id=uuid4(), video_id=video, watched_ms=chance.randrange(1000)))


def counted_by_hand(facts) -> dict[UUID, EngagementCounts]:
    counts = {video: EngagementCounts() for video in VIDEOS}
    for each in facts:
        one = counts[each.event.video_id]
        if isinstance(each.event, VideoLiked):
            one.likes += 1
        else:
            one.views += 1
            one.watched_ms += each.event.watched_ms
    return counts


async def rows(connections: Pool) -> dict[UUID, EngagementCounts]:
    model = PostgresVideoEngagement(connections)
    return {video: await model.counts(video) for video in VIDEOS}


def projector(connections: Pool, log: PostgresLog, *, batch: int = 100, model=PostgresVideoEngagement) -> Projector:
    return Projector(VideoEngagement(), model(connections), log, batch=batch)


async def until_at(connections: Pool, position: int, *, seconds: float = 20) -> None:
    model = PostgresVideoEngagement(connections)
    async with asyncio.timeout(seconds):
        while await model.position("engagement") < position:  # noqa: ASYNC110 # another process would move it
            await asyncio.sleep(0.01)


async def test_a_projector_takes_in_what_there_is_batch_by_batch(connections: Pool, log: PostgresLog):
    facts = list(some_events(250))
    await log.report(facts)
    steps = projector(connections, log)
    assert [await steps.step() for _ in range(4)] == [100, 100, 50, 0]
    assert await rows(connections) == counted_by_hand(facts)


async def test_a_follower_notices_what_comes_after_it_caught_up(connections: Pool, log: PostgresLog):
    task = asyncio.create_task(follow(projector(connections, log), asyncio.Event()))
    facts = list(some_events(30))
    await log.report(facts[:20])
    await until_at(connections, 20)
    await log.report(facts[20:])
    await until_at(connections, 30)
    task.cancel()
    assert await rows(connections) == counted_by_hand(facts)


async def test_killed_at_any_moment_and_started_again_it_counts_every_fact_once(connections: Pool, log: PostgresLog):
    facts = list(some_events(3_000))
    await log.report(facts)
    chance = random.Random(7)
    for _ in range(60):
        task = asyncio.create_task(catch_up(projector(connections, log, batch=chance.choice((7, 50, 400)))))
        await asyncio.sleep(chance.random() * 0.03)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    await catch_up(projector(connections, log))
    assert await rows(connections) == counted_by_hand(facts)


async def test_two_followers_of_one_read_model_do_not_count_twice(
    connections: Pool, log: PostgresLog, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("workers.follow.LONGEST_PAUSE", 0.01)
    facts = list(some_events(2_000))
    tasks = [asyncio.create_task(follow(projector(connections, log, batch=20), asyncio.Event())) for _ in range(3)]
    await log.report(facts)
    await until_at(connections, len(facts))
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert await rows(connections) == counted_by_hand(facts)


async def test_a_failing_batch_comes_again_and_nothing_is_skipped(connections: Pool, log: PostgresLog):
    class FailsThrice(PostgresVideoEngagement):
        failures = 3

        async def write(self, cursor, changes):
            await super().write(cursor, changes)
            if FailsThrice.failures:
                FailsThrice.failures -= 1
                raise OSError("the disk is full")

    facts = list(some_events(50))
    await log.report(facts)
    task = asyncio.create_task(follow(projector(connections, log, model=FailsThrice), asyncio.Event()))
    await until_at(connections, 50)
    task.cancel()
    assert FailsThrice.failures == 0
    assert await rows(connections) == counted_by_hand(facts)
