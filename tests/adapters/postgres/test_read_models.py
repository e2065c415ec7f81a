"""Rows and positions in PostgreSQL: together, once, and asked for by whoever reads their own writes."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest
from msgspec.structs import replace

from adapters.composition import TABLES
from adapters.postgres.checkpoints import PostgresCheckpoints
from adapters.postgres.connections import pool
from adapters.postgres.creators import PostgresCreators
from adapters.postgres.install import install
from adapters.postgres.log import Pool
from adapters.postgres.migrate import migrate
from adapters.postgres.positions import PostgresPositions
from adapters.postgres.video_engagement import PostgresVideoEngagement
from adapters.postgres.videos import PostgresVideos
from adapters.postgres.viewer_marks import PostgresViewerMarks
from domain.catalog.video import Details, Status
from projections.creators import CreatorCounts
from projections.read_model import PositionMoved, ReadModelBehind
from projections.video_engagement import EngagementCounts
from projections.videos import VideoPatch
from projections.viewer_marks import Mark, Marking
from tests.support.facts import NOON

pytestmark = pytest.mark.anyio

VIDEO, CREATOR = UUID(int=1), UUID(int=2)


@pytest.fixture
async def installed(database: str) -> AsyncIterator[Pool]:
    await migrate(database)
    await install(database, [projection for projection, _ in TABLES], [model for _, model in TABLES])
    async with pool(database, size=4) as connections:
        yield connections


def drafted(video_id: UUID = VIDEO, *, title: str = "T") -> VideoPatch:
    return VideoPatch(
        video_id=video_id,
        revision=1,
        creator_id=CREATOR,
        details=Details(title=title, themes=("a", "b"), generation={"hook": "question"}),
        status=Status.DRAFT,
        drafted_at=NOON,
    )


async def test_installing_again_changes_nothing(installed: Pool, database: str):
    assert await install(database, [projection for projection, _ in TABLES], [model for _, model in TABLES]) == []


async def test_several_processes_may_prepare_one_database_at_once(database: str):
    async def prepare() -> int:
        applied = await migrate(database)
        await install(database, [projection for projection, _ in TABLES], [model for _, model in TABLES])
        return len(applied)

    applied = await asyncio.gather(*(prepare() for _ in range(4)))
    assert sorted(applied)[:3] == [0, 0, 0]
    assert max(applied) > 0


async def test_rows_and_position_move_together(installed: Pool):
    counts = PostgresVideoEngagement(installed)
    await counts.advance("engagement", after=0, upto=3, changes={VIDEO: EngagementCounts(views=2, watched_ms=900)})
    await counts.advance("engagement", after=3, upto=4, changes={VIDEO: EngagementCounts(views=1, likes=1)})
    assert await counts.counts(VIDEO) == EngagementCounts(views=3, watched_ms=900, likes=1)
    assert await counts.position("engagement") == 4


async def test_a_batch_that_was_taken_in_already_is_refused_and_writes_nothing(installed: Pool):
    counts = PostgresVideoEngagement(installed)
    await counts.advance("engagement", after=0, upto=3, changes={VIDEO: EngagementCounts(views=1)})
    with pytest.raises(PositionMoved):
        await counts.advance("engagement", after=0, upto=3, changes={VIDEO: EngagementCounts(views=1)})
    assert await counts.counts(VIDEO) == EngagementCounts(views=1)


async def test_of_two_projectors_at_one_position_one_wins(installed: Pool):
    counts = PostgresVideoEngagement(installed)
    steps = [
        counts.advance("engagement", after=0, upto=3, changes={VIDEO: EngagementCounts(views=1)}) for _ in range(4)
    ]
    outcomes = await asyncio.gather(*steps, return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["NoneType"] + ["PositionMoved"] * 3
    assert await counts.counts(VIDEO) == EngagementCounts(views=1)


async def test_a_write_that_fails_does_not_move_the_position(installed: Pool):
    class Broken(PostgresVideoEngagement):
        async def write(self, cursor, changes):
            await super().write(cursor, changes)
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await Broken(installed).advance("engagement", after=0, upto=1, changes={VIDEO: EngagementCounts(views=1)})
    assert await PostgresVideoEngagement(installed).position("engagement") == 0
    assert await PostgresVideoEngagement(installed).counts(VIDEO) == EngagementCounts()


async def test_a_patch_leaves_what_it_does_not_mention(installed: Pool):
    videos = PostgresVideos(installed)
    await videos.advance("catalog", after=0, upto=1, changes=[drafted()])
    published = VideoPatch(video_id=VIDEO, revision=2, status=Status.PUBLISHED, published_at=NOON)
    await videos.advance("catalog", after=1, upto=2, changes=[published])
    row = await videos.video(VIDEO)
    assert row is not None
    assert (row.status, row.published_at, row.revision) == (Status.PUBLISHED, NOON, 2)
    assert row.details == drafted().details
    assert await videos.video(uuid4()) is None


async def test_a_creators_videos_come_in_pages_without_drafts_for_others(installed: Pool):
    videos = PostgresVideos(installed)
    ids = [UUID(int=100 + number) for number in range(5)]
    patches = [drafted(video_id) for video_id in ids]
    await videos.advance("catalog", after=0, upto=5, changes=patches)
    shown = [VideoPatch(video_id=video_id, revision=2, status=Status.PUBLISHED) for video_id in ids[:3]]
    await videos.advance("catalog", after=5, upto=8, changes=shown)

    first = await videos.by_creator(CREATOR, own=True, limit=3)
    rest = await videos.by_creator(CREATOR, own=True, limit=3, before=(first[-1].drafted_at, first[-1].video_id))
    public = await videos.by_creator(CREATOR, own=False, limit=10)

    assert [row.video_id for row in (*first, *rest)] == ids[::-1]
    assert [row.video_id for row in public] == ids[2::-1]


async def test_a_creator_is_there_from_the_first_mention(installed: Pool):
    creators = PostgresCreators(installed)
    assert await creators.creator(CREATOR) is None
    await creators.advance("catalog", after=0, upto=1, changes={CREATOR: CreatorCounts(videos=1)})
    await creators.advance("engagement", after=0, upto=1, changes={CREATOR: CreatorCounts(follows=2)})
    assert await creators.creator(CREATOR) == CreatorCounts(videos=1, follows=2)


async def test_who_waits_for_a_position_is_let_go_when_it_is_reached(installed: Pool):
    positions, counts = PostgresPositions(installed, patience=10), PostgresVideoEngagement(installed)
    waiting = [asyncio.create_task(positions.wait_for("video_engagement", {"engagement": 2})) for _ in range(50)]
    await positions.wait_for("video_engagement", {"engagement": 0})
    assert not any(task.done() for task in waiting)
    await counts.advance("engagement", after=0, upto=2, changes={})
    await asyncio.wait_for(asyncio.gather(*waiting), 5)


async def test_who_waits_too_long_is_told_how_far_it_came(installed: Pool):
    await PostgresVideoEngagement(installed).advance("engagement", after=0, upto=2, changes={})
    with pytest.raises(ReadModelBehind) as behind:
        await PostgresPositions(installed, patience=0.1).wait_for("video_engagement", {"engagement": 9})
    assert (behind.value.log, behind.value.asked, behind.value.reached) == ("engagement", 9, 2)


async def test_a_checkpoint_comes_back_as_it_was_saved(installed: Pool):
    checkpoints = PostgresCheckpoints(installed)
    assert await checkpoints.load("recommendations", 1) is None
    await checkpoints.save("recommendations", 1, {"engagement": 7}, b"old")
    await checkpoints.save("recommendations", 1, {"engagement": 9, "catalog": 2}, b"\x00new")
    assert await checkpoints.load("recommendations", 1) == ({"engagement": 9, "catalog": 2}, b"\x00new")


async def test_marks_are_set_moved_and_taken_back(installed: Pool):
    marks, viewer = PostgresViewerMarks(installed), UUID(int=7)
    liked, saved = Marking(viewer, Mark.LIKE, VIDEO), Marking(viewer, Mark.SAVE, VIDEO)
    await marks.advance("engagement", after=0, upto=2, changes={liked: 1, saved: 2})
    assert await marks.marks(viewer, [VIDEO, CREATOR]) == {VIDEO: {Mark.LIKE, Mark.SAVE}}
    await marks.advance("engagement", after=2, upto=4, changes={liked: None, saved: 4})
    assert await marks.marks(viewer, [VIDEO]) == {VIDEO: {Mark.SAVE}}
    assert await marks.marks(UUID(int=8), [VIDEO]) == {}


async def test_what_was_marked_last_is_listed_first_page_by_page(installed: Pool):
    marks, viewer = PostgresViewerMarks(installed), UUID(int=7)
    changes = {Marking(viewer, Mark.SAVE, UUID(int=100 + place)): place for place in range(1, 6)}
    await marks.advance("engagement", after=0, upto=5, changes=changes)
    first = await marks.marked(viewer, Mark.SAVE, limit=3)
    assert [each.position for each in first] == [5, 4, 3]
    assert [each.position for each in await marks.marked(viewer, Mark.SAVE, limit=3, before=3)] == [2, 1]
    assert await marks.marked(viewer, Mark.LIKE, limit=3) == []


async def test_only_published_videos_are_found_among_others(installed: Pool):
    videos, other = PostgresVideos(installed), UUID(int=9)
    published = replace(drafted(other), status=Status.PUBLISHED, published_at=NOON)
    await videos.advance("catalog", after=0, upto=3, changes=[drafted(), published])
    assert list(await videos.published([VIDEO, other, UUID(int=10)])) == [other]
