"""What a user is offered next, and the reasons given."""

from uuid import UUID

import pytest

from domain.engagement import interaction
from projections.recommendations.question import Reason, ReasonCode, Recommended
from tests.support.platform import Platform, named, titles


@pytest.fixture
def platform() -> Platform:
    """Two circles with a taste each, and ten videos of either kind."""
    platform = Platform()
    for nth in range(10):
        platform.publish(f"cooking {nth}", genre="cooking", creator="cook")
        platform.publish(f"sailing {nth}", genre="sailing", creator="sailor")
    for viewer in range(12):
        kind = ("cooking", "sailing")[viewer % 2]
        for nth in range(8):
            if (viewer + nth) % 5:
                platform.watch(f"{kind} fan {viewer}", f"{kind} {nth}")
                platform.like(f"{kind} fan {viewer}", f"{kind} {nth}")
    return platform


def reason(items: tuple[Recommended, ...], title: str, code: ReasonCode) -> Reason | None:
    item = next(item for item in items if item.title == title)
    return next((reason for reason in item.reasons if reason.code is code), None)


@pytest.mark.parametrize(
    "kind",
    [
        interaction.VideoViewed,
        interaction.VideoProgressed,
        interaction.VideoLiked,
        interaction.VideoSkipped,
        interaction.VideoHidden,
        interaction.VideoShared,
        interaction.VideoSaved,
        interaction.VideoCommented,
    ],
)
def test_whoever_touched_a_video_is_never_shown_it_again(platform, kind):
    assert "cooking 3" in titles(platform.feed("ann"))
    platform.interact(kind, "ann", "cooking 3")
    assert "cooking 3" not in titles(platform.feed("ann"))
    assert "cooking 3" in titles(platform.feed("bob"))


def test_an_impression_is_not_seeing(platform):
    platform.interact(interaction.VideoShown, "ann", "cooking 3")
    assert "cooking 3" in titles(platform.feed("ann"))


def test_a_withdrawn_video_is_never_recommended(platform):
    platform.withdraw("cooking 3")
    assert "cooking 3" not in titles(platform.feed("ann"))
    assert "cooking 3" not in titles(platform.similar("cooking 1"))


def test_a_draft_is_not_recommended_until_it_is_published(platform):
    platform.draft("cooking 99", genre="cooking")
    assert "cooking 99" not in titles(platform.feed("ann", count=100))


def test_a_video_withdrawn_as_a_draft_stays_away(platform):
    platform.draft("cooking 99", genre="cooking")
    platform.withdraw("cooking 99")
    assert "cooking 99" not in titles(platform.feed("ann", count=100))


def test_the_last_interaction_counts_in_the_very_next_answer(platform):
    platform.watch("ann", "sailing 0")
    platform.like("ann", "sailing 0")
    first = titles(platform.feed("ann", count=5))
    platform.watch("ann", "cooking 0", "cooking 1")
    platform.like("ann", "cooking 0", "cooking 1")
    then = titles(platform.feed("ann", count=5))
    assert sum("sailing" in title for title in first) > sum("sailing" in title for title in then)


def test_what_a_circle_likes_is_offered_to_whoever_joins_it(platform):
    platform.watch("ann", "cooking 0", "cooking 1")
    platform.like("ann", "cooking 0", "cooking 1")
    assert all("cooking" in title for title in titles(platform.feed("ann", count=5)))


def test_somebody_nobody_has_heard_of_is_offered_what_is_liked(platform):
    items = platform.feed("stranger", count=5)
    assert len(items) == 5
    offered = titles(items)
    assert sum(title.endswith(("8", "9")) for title in offered) <= 1, "these two nobody has touched"
    assert all(item.reasons for item in items)


def test_an_empty_platform_has_nothing_to_offer():
    assert Platform().feed("ann") == ()


def test_a_platform_without_viewers_offers_the_newest_first():
    platform = Platform()
    platform.publish("old", "newer", "newest")
    assert titles(platform.feed("ann")) == ["newest", "newer", "old"]


def test_a_new_video_is_offered_at_once_to_those_who_like_such(platform):
    platform.watch("ann", "cooking 0", "cooking 1")
    platform.like("ann", "cooking 0", "cooking 1")
    platform.publish("cooking with fire", genre="cooking", creator="new cook")
    items = platform.feed("ann", count=10)
    assert "cooking with fire" in titles(items)
    assert reason(items, "cooking with fire", ReasonCode.NEW)
    assert reason(items, "cooking with fire", ReasonCode.SIMILAR_CONTENT)


def test_filters_leave_nothing_else(platform):
    assert {title.split()[0] for title in titles(platform.feed("ann", genre="sailing"))} == {"sailing"}
    assert {item.creator_id for item in platform.feed("ann", creator_id=named("cook"))} == {named("cook")}
    assert platform.feed("ann", genre="sailing", creator_id=named("cook")) == ()
    assert platform.feed("ann", genre="no such genre") == ()
    assert platform.feed("ann", creator_id=UUID(int=0)) == ()


def test_a_change_of_genre_moves_a_video_between_filters(platform):
    platform.change("cooking 3", title="cooking 3", genre="travel")
    assert "cooking 3" not in titles(platform.feed("ann", genre="cooking"))
    assert titles(platform.feed("ann", genre="travel")) == ["cooking 3"]


def test_an_answer_has_as_many_as_asked_for_and_none_twice(platform):
    for count in (1, 7, 20):
        assert len(set(titles(platform.feed("ann", count=count)))) == count
    assert len(set(titles(platform.feed("ann", count=100)))) == 20


def test_scores_order_the_answer(platform):
    platform.like("ann", "cooking 0")
    scores = [item.score for item in platform.feed("ann")]
    assert scores == sorted(scores, reverse=True)


def test_a_followed_creator_rises_and_the_reason_says_so(platform):
    platform.publish("a word", creator="hermit")
    before = titles(platform.feed("ann")).index("a word")
    platform.follow("ann", "hermit")
    items = platform.feed("ann")
    assert titles(items).index("a word") < before
    assert reason(items, "a word", ReasonCode.FOLLOWED_CREATOR) == Reason(
        code=ReasonCode.FOLLOWED_CREATOR, text="From a creator whom you follow", creator_id=named("hermit")
    )
    platform.unfollow("ann", "hermit")
    assert reason(platform.feed("ann"), "a word", ReasonCode.FOLLOWED_CREATOR) is None


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (interaction.VideoViewed, ReasonCode.BECAUSE_YOU_WATCHED),
        (interaction.VideoLiked, ReasonCode.BECAUSE_YOU_LIKED),
        (interaction.VideoShared, ReasonCode.BECAUSE_YOU_SHARED),
        (interaction.VideoSaved, ReasonCode.BECAUSE_YOU_SAVED),
        (interaction.VideoCommented, ReasonCode.BECAUSE_YOU_COMMENTED),
    ],
)
def test_a_reason_names_what_the_viewer_really_did(platform, kind, code):
    platform.interact(kind, "ann", "cooking 0", watched_ms=10_000)
    because = reason(platform.feed("ann"), "cooking 1", code)
    assert because is not None
    assert because.video_id == named("cooking 0")
    assert "cooking 0" in because.text


def test_a_view_cut_short_is_no_reason(platform):
    platform.watch("ann", "cooking 0", ms=1_000)
    assert not any(reason.video_id for item in platform.feed("ann") for reason in item.reasons)


@pytest.mark.parametrize("kind", [interaction.VideoUnliked, interaction.VideoHidden, interaction.VideoSkipped])
def test_what_was_taken_back_is_no_reason(platform, kind):
    platform.like("ann", "cooking 0")
    platform.interact(kind, "ann", "cooking 0")
    assert not any(reason.video_id == named("cooking 0") for item in platform.feed("ann") for reason in item.reasons)


def test_no_reason_names_a_withdrawn_video(platform):
    platform.like("ann", "cooking 0")
    platform.withdraw("cooking 0")
    assert not any(reason.video_id for item in platform.feed("ann") for reason in item.reasons)


def test_to_follow_a_creator_after_a_video_is_to_like_the_video(platform):
    platform.follow("ann", "cook", after="cooking 0")
    items = platform.feed("ann")
    assert "cooking 0" not in titles(items)
    assert reason(items, "cooking 1", ReasonCode.BECAUSE_YOU_FOLLOWED)
