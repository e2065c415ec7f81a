"""Given facts of the catalog, what becomes of videos."""

from uuid import UUID

from domain.catalog.video import Details, Status, VideoChanged, VideoDrafted, VideoPublished, VideoWithdrawn
from projections.videos import VideoPatch, Videos
from tests.support.facts import NOON, fact

ONE, OTHER, CREATOR = UUID(int=1), UUID(int=2), UUID(int=3)
OLD, NEW = Details(title="Old"), Details(title="New")
DRAFTED = VideoDrafted(creator_id=CREATOR, details=OLD)


def fold(*facts):
    return list(Videos().fold(facts))


def test_a_batch_makes_one_patch_of_each_video():
    assert fold(
        fact(DRAFTED, stream_id=ONE),
        fact(DRAFTED, stream_id=OTHER),
        fact(VideoPublished(), stream_id=ONE, version=2),
        fact(VideoChanged(details=NEW), stream_id=ONE, version=3),
    ) == [
        VideoPatch(
            video_id=ONE,
            revision=3,
            creator_id=CREATOR,
            details=NEW,
            status=Status.PUBLISHED,
            drafted_at=NOON,
            published_at=NOON,
        ),
        VideoPatch(video_id=OTHER, revision=1, creator_id=CREATOR, details=OLD, status=Status.DRAFT, drafted_at=NOON),
    ]


def test_a_patch_says_nothing_of_what_its_facts_do_not_tell():
    assert fold(fact(VideoWithdrawn(reason="r"), stream_id=ONE, version=4)) == [
        VideoPatch(video_id=ONE, revision=4, status=Status.WITHDRAWN)
    ]
