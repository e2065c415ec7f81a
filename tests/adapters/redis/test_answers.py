"""Kept answers: given out only while they are true, and never missed when Redis is away."""

import asyncio
import time
from uuid import uuid4

import pytest

from adapters.embedded.ports import free_port
from adapters.memory.recommendations import MemoryRecommendations
from adapters.redis.answers import CachedRecommender, RedisAnswers
from adapters.redis.connection import RedisConnection
from adapters.redis.freshness import FLOOR, RedisFreshness
from projections.recommendations.engine import Engine
from projections.recommendations.question import SimilarQuestion
from tests.support.platform import Platform, catch_up, named, question, titles
from tests.support.waiting import until

pytestmark = pytest.mark.anyio


class Counted:
    """A recommender that says how often it was asked."""

    def __init__(self, model):
        self.model = model
        self.asked = 0

    async def feed(self, question):
        self.asked += 1
        return await self.model.feed(question)

    async def similar(self, question):
        self.asked += 1
        return await self.model.similar(question)


class Served:
    """A platform whose recommender's answers are kept in Redis; its users have names that nobody else uses."""

    def __init__(self, url):
        self.connection = RedisConnection(url)
        self.freshness = RedisFreshness(self.connection)
        self.model = MemoryRecommendations(Engine(), patience=1, freshness=self.freshness)
        self.counted = Counted(self.model)
        self.recommender = CachedRecommender(self.counted, RedisAnswers(self.connection))
        self.platform = Platform()
        self.ann, self.bob = f"ann {uuid4()}", f"bob {uuid4()}"

    async def feed(self, user, **asked):
        return titles((await self.recommender.feed(question(user, **asked))).items)

    async def catch_up(self):
        await catch_up(self.model, self.platform)


@pytest.fixture(params=["redis_url", "redis_cluster_url"])
def url(request):
    return request.getfixturevalue(request.param)


@pytest.fixture
async def served(url):
    served = Served(url)
    await served.connection.run("return redis.call('DEL', KEYS[1])", [FLOOR])
    served.platform.publish(*(f"video {nth}" for nth in range(8)))
    await served.catch_up()
    await served.freshness.open({"engagement": 0, "catalog": await served.model.position("catalog")})
    yield served
    await served.freshness.close()
    await served.connection.close()


async def test_the_same_question_is_computed_once(served):
    first = await served.feed(served.ann)
    assert await served.feed(served.ann) == first
    assert served.counted.asked == 1
    assert len(await served.feed(served.ann, count=3)) == 3
    assert served.counted.asked == 2


async def test_an_interaction_outdates_the_answers_of_its_user_only(served):
    for user in (served.ann, served.bob):
        await served.feed(user)
    served.platform.watch(served.ann, "video 3")
    await served.catch_up()
    assert "video 3" not in await served.feed(served.ann)
    assert served.counted.asked == 3
    assert "video 3" in await served.feed(served.bob)
    assert served.counted.asked == 3


async def test_a_withdrawal_outdates_every_answer_at_once(served):
    await served.feed(served.ann)
    await served.recommender.similar(SimilarQuestion(video_id=named("video 1")))
    served.platform.withdraw("video 3")
    await served.catch_up()
    assert "video 3" not in await served.feed(served.ann)
    similar = await served.recommender.similar(SimilarQuestion(video_id=named("video 1")))
    assert "video 3" not in titles(similar.items)
    assert served.counted.asked == 4


async def test_an_answer_that_does_not_know_of_the_position_asked_for_does_not_count(served):
    await served.feed(served.ann)
    served.platform.watch(served.bob, "video 1")
    await served.catch_up()
    position = len(served.platform.engagement)
    await served.feed(served.ann, at_least={"engagement": position})
    assert served.counted.asked == 2
    await served.feed(served.ann, at_least={"engagement": position})
    assert served.counted.asked == 2


async def test_an_answer_kept_after_the_interaction_it_missed_does_not_count(served):
    late = await served.model.feed(question(served.ann))
    served.platform.watch(served.ann, "video 3")
    await served.catch_up()
    await RedisAnswers(served.connection).keep_feed(question(served.ann), late)
    assert "video 3" not in await served.feed(served.ann)


async def test_a_recommender_behind_the_others_does_not_take_their_marks_back(served):
    served.platform.watch(served.ann, "video 3")
    stale = await served.model.feed(question(served.ann))
    await served.catch_up()
    await served.freshness.moved({"engagement": 0, "catalog": 0}, {named(served.ann)}, catalog_changed=True)
    await RedisAnswers(served.connection).keep_feed(question(served.ann), stale)
    assert "video 3" not in await served.feed(served.ann)


async def test_without_a_lease_no_kept_answer_counts(served):
    await served.feed(served.ann)
    await served.freshness.close()
    await served.connection.run("return redis.call('DEL', KEYS[1])", [FLOOR])
    await served.feed(served.ann)
    assert served.counted.asked == 2


async def test_many_users_at_once_outdate_everything(served):
    await served.feed(served.ann)
    for _ in range(1_001):
        served.platform.watch(f"somebody {uuid4()}", "video 1")
    await served.catch_up()
    await served.feed(served.ann)
    assert served.counted.asked == 2


async def test_a_server_that_hears_and_never_answers_costs_a_moment_once_a_second():
    silent = asyncio.Event()

    async def hear(_reader, writer):
        await silent.wait()
        writer.close()

    async with await asyncio.start_server(hear, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        served = Served(f"redis://127.0.0.1:{port}/0")
        served.platform.publish("video 1")
        await served.catch_up()
        began = time.monotonic()
        for _ in range(20):
            assert await served.feed(served.ann) == ["video 1"]
        assert time.monotonic() - began < 1.5, "the first waits for half a second, those behind it for nothing"
        await served.connection.close()
        silent.set()


async def test_without_redis_every_question_is_computed_and_none_is_slow():
    served = Served(f"redis://127.0.0.1:{free_port()}/0")
    served.platform.publish("video 1", "video 2")
    await served.catch_up()
    await served.freshness.open({"engagement": 0, "catalog": 0})

    async def answered() -> bool:
        return set(await served.feed(served.ann)) == {"video 1", "video 2"}

    assert await until(answered) < 1.5
    served.platform.withdraw("video 1")
    await served.catch_up()
    assert await served.feed(served.ann) == ["video 2"]
    await served.freshness.close()
    await served.connection.close()
