"""Rate limits: as many as are allowed, whoever counts, and a word on it when nobody can."""

import asyncio
import secrets
import time
from pathlib import Path
from uuid import uuid4

import pytest
from prometheus_client import REGISTRY
from redis.asyncio import Redis

from adapters.embedded.ports import free_port
from adapters.embedded.spawning import exit_of
from adapters.embedded.starting import Started, start, until_ready
from adapters.embedded.valkey import Valkey
from adapters.memory.limiter import MemoryLimiter
from adapters.redis.connection import RedisConnection
from adapters.redis.limiter import RedisLimiter
from adapters.redis.shared_trips import MOST
from application.limits import Limit, Limiter
from tests.support.waiting import until

pytestmark = pytest.mark.anyio

TEN_AN_HOUR = Limit("ten_an_hour", 10, 3600)
TEN_A_SECOND = Limit("ten_a_second", 10, 1)


@pytest.fixture(params=["redis_url", "redis_cluster_url"])
def url(request):
    return request.getfixturevalue(request.param)


@pytest.fixture(params=["", "redis_url", "redis_cluster_url"], ids=["memory", "redis", "cluster"])
def place(request):
    return request.getfixturevalue(request.param) if request.param else None


@pytest.fixture
async def limiter(place):
    if place is None:
        yield MemoryLimiter()
        return
    connection = RedisConnection(place)
    yield RedisLimiter(connection)
    await connection.close()


def somebody() -> str:
    return f"user:{uuid4()}"


async def test_as_many_are_allowed_as_the_limit_says(limiter: Limiter):
    ann = somebody()
    verdicts = [await limiter.take(TEN_AN_HOUR, ann) for _ in range(12)]
    assert [each.allowed for each in verdicts] == [True] * 10 + [False] * 2
    assert [each.remaining for each in verdicts] == [9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 0, 0]


async def test_a_refusal_says_when_to_come_back(limiter: Limiter):
    ann = somebody()
    assert (await limiter.take(TEN_AN_HOUR, ann)).retry_after == 0
    last = [await limiter.take(TEN_AN_HOUR, ann) for _ in range(10)][-1]
    assert not last.allowed
    assert last.retry_after == pytest.approx(360, abs=5)
    assert last.reset == pytest.approx(3600, abs=5)


async def test_what_was_taken_comes_back_evenly(limiter: Limiter):
    ann = somebody()
    assert (await limiter.take(TEN_A_SECOND, ann, cost=10)).remaining == 0
    began = time.monotonic()
    waited = await until(lambda: allows(limiter, ann))
    assert waited >= 0.05
    while time.monotonic() - began < 0.5:
        await allows(limiter, ann)
    # One every tenth of a second, and none besides.
    assert 1.0 > (await limiter.take(TEN_A_SECOND, ann, cost=10)).retry_after > 0.8


async def allows(limiter: Limiter, subject: str) -> bool:
    return (await limiter.take(TEN_A_SECOND, subject)).allowed


async def test_a_cost_is_taken_as_a_whole_or_not_at_all(limiter: Limiter):
    ann = somebody()
    assert (await limiter.take(TEN_AN_HOUR, ann, cost=8)).remaining == 2
    refused = await limiter.take(TEN_AN_HOUR, ann, cost=3)
    assert (refused.allowed, refused.remaining) == (False, 2)
    assert refused.retry_after == pytest.approx(360, abs=5)
    assert (await limiter.take(TEN_AN_HOUR, ann, cost=2)).allowed


async def test_others_and_other_limits_are_counted_apart(limiter: Limiter):
    ann, bob = somebody(), somebody()
    await limiter.take(TEN_AN_HOUR, ann, cost=10)
    assert (await limiter.take(TEN_AN_HOUR, bob)).remaining == 9
    assert (await limiter.take(TEN_A_SECOND, ann)).remaining == 9


async def test_two_hundred_at_once_share_what_is_left(url):
    connections = [RedisConnection(url) for _ in range(2)]
    limiters = [RedisLimiter(connection) for connection in connections]
    for _ in range(5):
        ann = somebody()
        verdicts = await asyncio.gather(*(limiters[n % 2].take(TEN_AN_HOUR, ann) for n in range(200)))
        assert sum(each.allowed for each in verdicts) == 10
    for connection in connections:
        await connection.close()


async def test_more_than_one_round_trip_takes_are_all_answered(url):
    connection = RedisConnection(url)
    limiter, crowd = RedisLimiter(connection), [somebody() for _ in range(3 * MOST)]
    before = counted("counted_alone")
    async with asyncio.timeout(10):
        verdicts = await asyncio.gather(*(limiter.take(TEN_AN_HOUR, each) for each in crowd))
    assert {each.remaining for each in verdicts} == {9}
    assert counted("counted_alone") == before
    await connection.close()


async def test_what_is_kept_names_nobody_and_does_not_last(redis_url):
    connection, name = RedisConnection(redis_url), f"once_{secrets.token_hex(4)}"
    await RedisLimiter(connection).take(Limit(name, 10, 60), "address:192.0.2.7")
    await connection.close()
    async with Redis.from_url(redis_url) as client:
        [key] = [each async for each in client.scan_iter(match=f"*{name}*")]
        assert b"192.0.2.7" not in key
        assert 0 < await client.pttl(key) <= 6_000


async def test_a_clock_that_was_set_back_locks_nobody_out(redis_url):
    connection, limit, ann = RedisConnection(redis_url), Limit(f"back_{secrets.token_hex(4)}", 10, 1), somebody()
    limiter = RedisLimiter(connection)
    await limiter.take(limit, ann)
    async with Redis.from_url(redis_url) as client:
        [key] = [each async for each in client.scan_iter(match=f"*{limit.name}*")]
        await client.set(key, str(int(time.time() * 1e6) + 3_600_000_000))
    assert (await limiter.take(limit, ann)).retry_after <= 0.1
    await connection.close()


class Mortal:
    """A server that can be killed, and started again where it was."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._service = Valkey(directory, port=free_port(), password=secrets.token_hex(16))
        self._started: Started | None = None
        self.url = self._service.url

    async def start(self) -> None:
        (self._directory / "logs").mkdir(exist_ok=True)
        self._started = await start(self._service, logs=self._directory / "logs")
        await until_ready(self._service, self._started, seconds=20)

    async def kill(self) -> None:
        if self._started is not None:
            self._started.process.kill()
            await exit_of(self._started.process)
            self._started = None


async def test_killed_in_the_middle_each_process_counts_alone_and_then_together_again(tmp_path):
    redis = Mortal(tmp_path)
    await redis.start()
    connections = [RedisConnection(redis.url) for _ in range(2)]
    one, other = (RedisLimiter(connection) for connection in connections)
    ann = somebody()
    try:
        assert (await one.take(TEN_AN_HOUR, ann, cost=5)).remaining == 5
        await redis.kill()
        alone, open_ = counted("counted_alone"), counted("let_through")
        assert [(await one.take(TEN_AN_HOUR, ann)).allowed for _ in range(12)] == [True] * 10 + [False] * 2
        assert (await other.take(TEN_AN_HOUR, ann)).remaining == 9
        assert (await one.take(TEN_AN_HOUR, ann, fail_open=True)).allowed
        assert (counted("counted_alone") - alone, counted("let_through") - open_) == (13, 1)
        await redis.start()

        async def together() -> bool:
            before = counted("counted_alone")
            await one.take(TEN_A_SECOND, somebody())
            return counted("counted_alone") == before

        await until(together)
    finally:
        for connection in connections:
            await connection.close()
        await redis.kill()


def counted(decision: str) -> float:
    return REGISTRY.get_sample_value("playhead_rate_limit_unshared_total", {"decision": decision}) or 0.0
