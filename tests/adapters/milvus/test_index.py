"""The copy of the vectors in Milvus, and what happens without it."""

from uuid import uuid4

import pytest

from adapters.embedded.ports import free_port
from adapters.memory.recommendations import MemoryRecommendations
from adapters.milvus.collection import VectorCollection
from adapters.milvus.index import MilvusIndex
from projections.recommendations.engine import Engine
from projections.recommendations.question import ReasonCode, SimilarQuestion
from tests.support.platform import Platform, catch_up, named, titles
from tests.support.waiting import until

pytestmark = pytest.mark.anyio


class Indexed:
    """A platform whose vectors are copied into a collection of its own."""

    def __init__(self, uri):
        self.collection = VectorCollection(uri, name=f"videos_{uuid4().hex}")
        self.index = MilvusIndex(self.collection, check_seconds=0.2)
        self.model = MemoryRecommendations(Engine(), patience=1, index=self.index)
        self.platform = Platform()
        self.platform.publish("bread", "soup", "cake", genre="cooking", creator="cook")
        self.platform.publish("knots", "sails", genre="sailing", creator="sailor")

    async def catch_up(self):
        await catch_up(self.model, self.platform)

    async def near(self, video, *, genre=None, creator=None):
        point = self.model.point(named(video))
        assert point is not None
        creator_id = named(creator) if creator else None
        return await self.index.near(point, genre=genre, creator_id=creator_id)

    async def similar(self, video, **filters):
        return (await self.model.similar(SimilarQuestion(video_id=named(video), **filters))).items


@pytest.fixture
async def indexed(milvus_uri):
    indexed = Indexed(milvus_uri)
    await indexed.catch_up()
    indexed.index.open(indexed.model)
    await until(lambda: indexed.index.complete)
    yield indexed
    await indexed.index.close()


async def test_what_is_published_is_found_near_with_its_cosine(indexed):
    near = await indexed.near("bread")
    assert set(near) == {named(video) for video in ("bread", "soup", "cake", "knots", "sails")}
    bread, soup = (indexed.model.point(named(video)).vector for video in ("bread", "soup"))
    assert near[named("bread")] == pytest.approx(1, abs=1e-3)
    assert near[named("soup")] == pytest.approx(float(bread @ soup), abs=1e-3)


async def test_filters_hold_in_the_index(indexed):
    assert set(await indexed.near("bread", genre="sailing")) == {named("knots"), named("sails")}
    assert set(await indexed.near("knots", creator="cook")) == {named(video) for video in ("bread", "soup", "cake")}
    assert await indexed.near("knots", genre="sailing", creator="cook") == {}
    assert await indexed.near("knots", genre='" or 1 == 1 or genre == "') == {}


async def test_with_and_without_the_index_the_answer_is_the_same(indexed):
    assert titles(await indexed.similar("bread")) == titles(indexed.platform.similar("bread"))
    assert (await indexed.similar("bread"))[0].reasons[0].code is ReasonCode.SIMILAR_CONTENT


async def test_a_new_video_is_found_within_a_second_and_a_withdrawn_one_no_longer(indexed):
    indexed.platform.publish("stew", genre="cooking", creator="cook")
    await indexed.catch_up()

    async def found(video) -> bool:
        near = await indexed.near("bread")
        return near is not None and named(video) in near

    assert await until(lambda: found("stew")) < 2, "a second, and one more for a loaded machine"
    indexed.platform.withdraw("stew")
    await indexed.catch_up()

    async def gone() -> bool:
        return not await found("stew")

    await until(gone)


async def test_a_change_of_genre_moves_the_vector_too(indexed):
    indexed.platform.change("soup", title="soup", genre="sailing")
    await indexed.catch_up()

    async def moved() -> bool:
        near = await indexed.near("bread", genre="sailing")
        return near is not None and named("soup") in near

    await until(moved)


async def test_a_lost_collection_is_made_again_and_answers_never_fail(indexed):
    indexed.collection.drop()
    assert titles(await indexed.similar("bread")) == titles(indexed.platform.similar("bread"))

    async def whole_again() -> bool:
        return len(await indexed.near("bread") or {}) == 5

    await until(whole_again)


async def test_rows_lost_or_left_over_are_put_right(indexed):
    indexed.collection.delete([named("soup")])
    await until(lambda: not indexed.index.complete)
    await until(lambda: indexed.index.complete)
    assert named("soup") in await indexed.near("bread")


async def test_what_changed_while_nobody_copied_is_noticed_at_the_start(indexed, milvus_uri):
    await indexed.index.close()
    indexed.platform.withdraw("cake")
    indexed.platform.publish("stew", genre="cooking", creator="cook")
    indexed.platform.change("soup", title="chowder", genre="cooking")
    await indexed.catch_up()
    again = VectorCollection(milvus_uri, name=indexed.collection.name)
    index = MilvusIndex(again)
    index.open(indexed.model)
    await until(lambda: index.complete)
    point = indexed.model.point(named("bread"))
    assert point is not None
    near = await index.near(point, genre="cooking", creator_id=None)
    assert near is not None
    assert set(near) == {named(video) for video in ("bread", "soup", "stew")}
    soup = indexed.model.point(named("soup")).vector
    assert near[named("soup")] == pytest.approx(float(point.vector @ soup), abs=1e-3)
    await index.close()


async def test_without_milvus_similar_videos_come_from_memory():
    indexed = Indexed(f"http://127.0.0.1:{free_port()}")
    await indexed.catch_up()
    indexed.index.open(indexed.model)
    assert titles(await indexed.similar("bread")) == titles(indexed.platform.similar("bread"))
    assert not indexed.index.complete
    await indexed.index.close()
