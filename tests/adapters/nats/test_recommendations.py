"""Questions asked across a real NATS."""

import asyncio

import pytest

from adapters.embedded.ports import free_port
from adapters.memory.recommendations import MemoryRecommendations
from adapters.nats.connection import NatsConnection
from adapters.nats.recommendations import FEED, NatsRecommender, serve_recommender
from domain.catalog.video import VideoNotFound
from projections.read_model import ReadModelBehind
from projections.recommendations.engine import Engine
from projections.recommendations.question import RecommenderUnavailable, SimilarQuestion
from tests.support.platform import Platform, catch_up, named, question
from tests.support.waiting import until

pytestmark = pytest.mark.anyio


@pytest.fixture
def platform() -> Platform:
    platform = Platform()
    platform.publish(*(f"video {nth}" for nth in range(30)))
    platform.watch("ann", "video 1", "video 2")
    return platform


@pytest.fixture
async def connections(nats_url):
    """One end for whoever asks, one for whoever answers."""
    both = [NatsConnection(nats_url), NatsConnection(nats_url)]
    for connection in both:
        connection.open()
        assert await connection.ready(10)
    yield both
    for connection in both:
        await connection.close()


async def answers(client: NatsRecommender) -> bool:
    """Whether the server has heard of somebody who answers: the library's flush may overtake its subscriptions."""
    try:
        await client.feed(question("nobody"))
        await client.similar(SimilarQuestion(video_id=named("video 1")))
    except RecommenderUnavailable:
        return False
    return True


@pytest.fixture
async def model(connections, platform):
    model = MemoryRecommendations(Engine(), patience=0.2)
    await catch_up(model, platform)
    await serve_recommender(connections[1], model)
    await until(lambda: answers(NatsRecommender(connections[0], timeout=5)))
    return model


@pytest.fixture
def client(connections, model):
    return NatsRecommender(connections[0], timeout=5)


async def test_an_answer_arrives_as_it_was_given(client, model):
    asked = question("ann", count=5)
    assert await client.feed(asked) == await model.feed(asked)
    similar = SimilarQuestion(video_id=named("video 3"))
    assert await client.similar(similar) == await model.similar(similar)


async def test_a_model_that_is_behind_says_so_across_the_network(client, platform):
    with pytest.raises(ReadModelBehind) as behind:
        await client.feed(question("ann", at_least={"engagement": 99}))
    assert (behind.value.log, behind.value.asked, behind.value.reached) == ("engagement", 99, 2)


async def test_a_video_that_does_not_exist_is_refused_across_the_network(client):
    with pytest.raises(VideoNotFound):
        await client.similar(SimilarQuestion(video_id=named("no such video")))


async def test_a_question_that_waits_holds_up_no_other(client, platform):
    waiting = asyncio.create_task(client.feed(question("ann", at_least={"engagement": 99})))
    await asyncio.sleep(0)
    await client.feed(question("ann"))
    assert not waiting.done()
    with pytest.raises(ReadModelBehind):
        await waiting


async def test_when_nobody_answers_the_recommender_is_unavailable(nats_url):
    connection = NatsConnection(nats_url)
    connection.open()
    assert await connection.ready(10)
    with pytest.raises(RecommenderUnavailable):
        await NatsRecommender(connection, timeout=5).feed(question("ann"))
    await connection.close()


async def test_without_nats_the_recommender_is_unavailable_at_once():
    connection = NatsConnection(f"nats://127.0.0.1:{free_port()}")
    connection.open()
    async with asyncio.timeout(1):
        with pytest.raises(RecommenderUnavailable):
            await NatsRecommender(connection, timeout=5).feed(question("ann"))
    await connection.close()


async def test_a_question_that_cannot_be_read_does_not_silence_the_recommender(connections, client):
    reply = await connections[0].client.request(FEED, b"\xc1 no question", timeout=5)
    assert b"recommender_unavailable" in reply.data
    assert (await client.feed(question("ann"))).items


class Named:
    """A recommender that can be told from the others."""

    def __init__(self, model, answered):
        self.model = model
        self.answered = answered

    async def feed(self, question):
        self.answered.append(self)
        return await self.model.feed(question)

    async def similar(self, question):
        return await self.model.similar(question)


async def test_several_recommenders_share_the_questions(nats_url, platform):
    model = MemoryRecommendations(Engine(), patience=1)
    await catch_up(model, platform)
    answered: list = []
    connections = [NatsConnection(nats_url) for _ in range(3)]
    for connection in connections:
        connection.open()
        assert await connection.ready(10)
    for connection in connections[1:]:
        await serve_recommender(connection, Named(model, answered))
    client = NatsRecommender(connections[0], timeout=5)

    async def both_were_asked() -> bool:
        return await answers(client) and len(set(answered)) == 2

    await until(both_were_asked)
    before = len(answered)
    for _ in range(40):
        await client.feed(question("ann"))
    assert len(answered) == before + 40, "each was asked of one of them only"
    for connection in connections:
        await connection.close()
