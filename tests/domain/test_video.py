"""What can become of a video."""

from functools import partial
from uuid import UUID

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from domain.catalog.video import (
    Details,
    Status,
    Video,
    VideoChanged,
    VideoDrafted,
    VideoIdTaken,
    VideoIsWithdrawn,
    VideoPublished,
    VideoWithdrawn,
    change,
    draft,
    evolve,
    publish,
    withdraw,
)
from tests.support.scenario import Story

story = Story(evolve)

ADA, BOB = UUID(int=1), UUID(int=2)
KNOTS = Details(title="Ten knots", genre="howto", themes=("rope", "sea"), duration_ms=61_000)
SPLICES = Details(title="Ten splices", genre="howto", generation={"hook": "question", "length": 60})

drafting = partial(draft, creator_id=ADA, details=KNOTS)
changing = partial(change, details=SPLICES)
withdrawing = partial(withdraw, reason="rights")

drafted = VideoDrafted(creator_id=ADA, details=KNOTS)
published = VideoPublished()
changed = VideoChanged(details=SPLICES)
withdrawn = VideoWithdrawn(reason="rights")

details = st.sampled_from([KNOTS, SPLICES, Details(title="")])
decisions = st.one_of(
    st.builds(lambda it: partial(draft, creator_id=ADA, details=it), details),
    st.just(partial(draft, creator_id=BOB, details=KNOTS)),
    st.just(publish),
    st.builds(lambda it: partial(change, details=it), details),
    st.builds(lambda why: partial(withdraw, reason=why), st.sampled_from(["rights", "mistake"])),
)


def test_a_creator_drafts_a_video_that_is_not_public():
    story.given().when(drafting).then(drafted)
    assert story.state([drafted]) == Video(creator_id=ADA, details=KNOTS, status=Status.DRAFT)


@pytest.mark.parametrize("later", [(), (published,), (changed,), (withdrawn,)])
def test_drafting_again_changes_nothing_whatever_became_of_it(later):
    story.given(drafted, *later).when(drafting).then()


def test_an_id_belongs_to_the_creator_who_took_it_first():
    refusal = story.given(drafted).when(partial(drafting, creator_id=BOB)).then_refuses(VideoIdTaken)
    assert refusal.code == "video_id_taken"


def test_a_draft_is_published_once():
    story.given(drafted).when(publish).then(published)
    story.given(drafted, published).when(publish).then()


def test_new_details_replace_all_and_do_not_publish():
    story.given(drafted).when(changing).then(changed)
    assert story.state([drafted, changed]) == Video(creator_id=ADA, details=SPLICES, status=Status.DRAFT)


def test_a_published_video_can_be_changed_and_stays_public():
    story.given(drafted, published).when(changing).then(changed)
    assert story.state([drafted, published, changed]) == Video(creator_id=ADA, details=SPLICES, status=Status.PUBLISHED)


def test_changing_to_what_it_is_changes_nothing():
    story.given(drafted, changed).when(changing).then()


@pytest.mark.parametrize("so_far", [(drafted,), (drafted, published)])
def test_a_draft_and_a_published_video_can_be_withdrawn(so_far):
    story.given(*so_far).when(withdrawing).then(withdrawn)


def test_withdrawing_again_for_another_reason_changes_nothing():
    story.given(drafted, withdrawn).when(partial(withdraw, reason="mistake")).then()


@pytest.mark.parametrize("asked", [publish, changing])
def test_a_withdrawn_video_does_not_come_back(asked):
    refusal = story.given(drafted, published, withdrawn).when(asked).then_refuses(VideoIsWithdrawn)
    assert refusal.code == "video_withdrawn"


@pytest.mark.parametrize("event", [published, changed, withdrawn])
def test_a_log_in_which_something_happened_before_the_draft_is_broken(event):
    with pytest.raises(AssertionError, match="before VideoDrafted"):
        evolve(None, event)


@for_all(st.lists(decisions, max_size=12))
def test_whatever_is_asked_in_whatever_order_every_decision_is_repeatable(asked):
    history = story.live(drafting, asked)
    kinds = [type(event) for event in history]
    assert kinds[0] is VideoDrafted
    assert kinds.count(VideoDrafted) == 1
    assert kinds.count(VideoPublished) <= 1
    assert VideoWithdrawn not in kinds[:-1], "withdrawn is the end"
