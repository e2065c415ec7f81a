"""The recommender as a read model: positions, waiting, slices, checkpoints."""

import asyncio

import pytest

from adapters.memory.recommendations import MemoryRecommendations
from projections.read_model import PositionMoved, ReadModelBehind
from projections.recommendations.changes import Changes
from projections.recommendations.engine import Engine
from projections.recommendations.question import SimilarQuestion
from tests.support.platform import Platform, catch_up, named, question, titles

pytestmark = pytest.mark.anyio


@pytest.fixture
def platform() -> Platform:
    platform = Platform()
    platform.publish(*(f"video {nth}" for nth in range(30)))
    for user in range(10):
        platform.watch(f"user {user}", *(f"video {nth}" for nth in range(user, user + 12)))
    return platform


class KeptCheckpoints:
    """`Checkpoints` for as long as a test."""

    def __init__(self):
        self.saved = {}

    async def save(self, name, version, positions, state):
        self.saved[name, version] = (dict(positions), state)

    async def load(self, name, version):
        return self.saved.get((name, version))


async def test_it_answers_from_what_it_has_read(platform):
    model = MemoryRecommendations(Engine(), patience=1)
    assert (await model.feed(question("user 1"))).items == ()
    await catch_up(model, platform)
    answer = await model.feed(question("user 1"))
    assert answer.items == platform.feed("user 1")
    assert answer.positions == {"engagement": len(platform.engagement), "catalog": len(platform.catalog)}
    similar = await model.similar(SimilarQuestion(video_id=named("video 5")))
    assert similar.items == platform.similar("video 5")


async def test_a_batch_that_does_not_follow_is_refused_and_changes_nothing(platform):
    engine = Engine()
    model = MemoryRecommendations(engine, patience=1)
    await catch_up(model, platform)
    before = engine.dump()
    with pytest.raises(PositionMoved):
        await model.advance("engagement", after=3, upto=9, changes=Changes())
    assert engine.dump() == before
    assert await model.position("engagement") == len(platform.engagement)


async def test_a_question_waits_for_the_position_it_asks_for(platform):
    model = MemoryRecommendations(Engine(), patience=10)
    await catch_up(model, platform)
    platform.like("user 1", "video 29")
    asked = asyncio.create_task(model.feed(question("user 1", at_least={"engagement": len(platform.engagement)})))
    await asyncio.sleep(0)
    assert not asked.done()
    await catch_up(model, platform)
    assert "video 29" not in titles((await asked).items)


async def test_a_question_that_waits_too_long_is_told_how_far_the_model_is(platform):
    model = MemoryRecommendations(Engine(), patience=0.05)
    await catch_up(model, platform)
    with pytest.raises(ReadModelBehind) as behind:
        await model.feed(question("user 1", at_least={"catalog": 999}))
    assert (behind.value.log, behind.value.asked, behind.value.reached) == ("catalog", 999, len(platform.catalog))


async def test_catching_up_gives_way_to_questions():
    platform = Platform()
    platform.publish(*(f"video {nth}" for nth in range(100)))
    for user in range(60):
        platform.watch(f"user {user}", *(f"video {nth}" for nth in range(user % 40, user % 40 + 50)))
    model = MemoryRecommendations(Engine(), patience=1)
    catching_up = asyncio.create_task(catch_up(model, platform))
    answered = 0
    while not catching_up.done():
        await model.feed(question("user 1"))
        answered += 1
        await asyncio.sleep(0)
    await catching_up
    assert answered > 3


async def test_a_batch_cancelled_half_way_is_not_learned_twice(platform):
    whole, cut = Engine(), Engine()
    await catch_up(MemoryRecommendations(whole, patience=1), platform)
    model = MemoryRecommendations(cut, patience=1)
    while cut.position < len(platform.engagement):
        task = asyncio.create_task(catch_up(model, platform))
        await asyncio.sleep(0.001)  # about as long as a twentieth of the history takes
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    await catch_up(model, platform)
    assert cut.dump() == whole.dump()


async def test_a_restored_model_goes_on_where_the_other_stopped(platform):
    checkpoints = KeptCheckpoints()
    first = MemoryRecommendations(Engine(), patience=1)
    await catch_up(first, platform)
    await first.checkpoint(checkpoints)
    platform.watch("user 1", "video 29")
    platform.withdraw("video 28")
    second = MemoryRecommendations(Engine(), patience=1)
    assert await second.restore(checkpoints)
    assert await second.position("engagement") == len(platform.engagement) - 1
    await catch_up(second, platform)
    assert (await second.feed(question("user 1"))).items == platform.feed("user 1")


async def test_without_a_checkpoint_it_begins_at_the_beginning():
    model = MemoryRecommendations(Engine(), patience=1)
    assert not await model.restore(KeptCheckpoints())
    assert await model.position("engagement") == 0


class Asked:
    """An index that finds one video near to any."""

    def __init__(self):
        self.noticed = set()

    def changed(self, videos):
        self.noticed.update(videos)

    async def near(self, point, *, genre, creator_id):
        return {named("video 7"): 0.9}


async def test_an_index_is_told_of_changes_and_asked_once_there_are_enough_videos(platform):
    index = Asked()
    asked = SimilarQuestion(video_id=named("video 29"))
    for index_from, expected in ((30, ["video 7"]), (31, titles(platform.similar("video 29")))):
        model = MemoryRecommendations(Engine(), patience=1, index=index, index_from=index_from)
        await catch_up(model, platform)
        assert titles((await model.similar(asked)).items) == expected
    assert index.noticed == {named(f"video {nth}") for nth in range(30)}
