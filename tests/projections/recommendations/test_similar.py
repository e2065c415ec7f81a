"""What is like a video, and the reasons given."""

import pytest

from domain.catalog.video import VideoNotFound
from projections.recommendations.question import ReasonCode, SimilarQuestion
from tests.support.platform import Platform, named, titles


@pytest.fixture
def platform() -> Platform:
    platform = Platform()
    platform.publish("bread", "soup", genre="cooking", creator="cook")
    platform.publish("knots", "sails", "storm", genre="sailing", creator="sailor")
    return platform


def test_what_is_liked_together_is_similar_and_the_reason_says_so(platform):
    for viewer in range(20):
        platform.like(f"viewer {viewer}", "bread", "storm")
    first = platform.similar("bread")[0]
    assert first.title == "storm"
    assert first.reasons[0].code is ReasonCode.WATCHED_TOGETHER
    assert first.reasons[0].video_id == named("bread")


def test_a_video_that_nobody_has_touched_is_like_others_of_its_content(platform):
    items = platform.similar("knots")
    assert set(titles(items)[:2]) == {"sails", "storm"}
    assert items[0].reasons[0].code is ReasonCode.SIMILAR_CONTENT


def test_a_video_is_not_similar_to_itself(platform):
    assert "bread" not in titles(platform.similar("bread"))


def test_filters_hold_for_similar_videos(platform):
    for viewer in range(20):
        platform.like(f"viewer {viewer}", "bread", "storm", "soup")
    assert titles(platform.similar("bread", genre="sailing"))[0] == "storm"
    assert titles(platform.similar("bread", creator_id=named("cook"))) == ["soup"]


@pytest.mark.parametrize("asked", ["no such video", "draft", "withdrawn"])
def test_what_is_not_published_is_like_nothing(platform, asked):
    platform.draft("draft")
    platform.publish("withdrawn")
    platform.withdraw("withdrawn")
    with pytest.raises(VideoNotFound):
        platform.similar(asked)


def test_neighbours_that_were_looked_up_elsewhere_are_taken(platform):
    question = SimilarQuestion(video_id=named("bread"))
    items = platform.engine.similar(question, {named("storm"): 0.9, named("never heard of"): 0.8})
    assert titles(items) == ["storm"]
