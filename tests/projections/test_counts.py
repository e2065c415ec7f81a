"""Given what viewers did, what is added to the counts of videos and creators."""

from uuid import UUID

from domain.catalog.video import Details, VideoDrafted, VideoPublished
from domain.engagement.interaction import (
    CreatorFollowed,
    CreatorUnfollowed,
    SearchMade,
    VideoLiked,
    VideoProgressed,
    VideoUnliked,
    VideoViewed,
)
from projections.creators import CreatorCounts, Creators
from projections.video_engagement import COUNTED, EngagementCounts, VideoEngagement
from tests.support.facts import fact

USER, VIDEO, OTHER, CREATOR = (UUID(int=number) for number in range(1, 5))


def test_views_and_what_was_watched_are_summed_by_video():
    facts = [
        fact(VideoViewed(user_id=USER, video_id=VIDEO, watched_ms=300)),
        fact(VideoViewed(user_id=USER, video_id=VIDEO)),
        fact(VideoViewed(user_id=USER, video_id=OTHER, watched_ms=5)),
    ]
    assert VideoEngagement().fold(facts) == {
        VIDEO: EngagementCounts(views=2, watched_ms=300),
        OTHER: EngagementCounts(views=1, watched_ms=5),
    }


def test_a_like_taken_back_is_counted_apart():
    facts = [fact(VideoLiked(user_id=USER, video_id=VIDEO)), fact(VideoUnliked(user_id=USER, video_id=VIDEO))]
    assert VideoEngagement().fold(facts) == {VIDEO: EngagementCounts(likes=1, unlikes=1)}


def test_every_counted_interaction_has_a_count_of_its_own():
    for event_type, count in COUNTED.items():
        [counts] = VideoEngagement().fold([fact(event_type(user_id=USER, video_id=VIDEO))]).values()
        assert counts == EngagementCounts(**{count: 1})


def test_progress_searches_and_follows_count_for_no_video():
    facts = [
        fact(VideoProgressed(user_id=USER, video_id=VIDEO, watched_ms=100)),
        fact(SearchMade(user_id=USER, query="q"), subject_id=USER),
        fact(CreatorFollowed(user_id=USER, creator_id=CREATOR)),
    ]
    assert VideoEngagement().fold(facts) == {}


def test_a_creator_is_counted_from_the_first_video_or_follow():
    facts = [
        fact(VideoDrafted(creator_id=CREATOR, details=Details(title="T"))),
        fact(VideoPublished(), version=2),
        fact(CreatorFollowed(user_id=USER, creator_id=CREATOR)),
        fact(CreatorUnfollowed(user_id=USER, creator_id=OTHER)),
    ]
    assert Creators().fold(facts) == {
        CREATOR: CreatorCounts(videos=1, follows=1),
        OTHER: CreatorCounts(unfollows=1),
    }
