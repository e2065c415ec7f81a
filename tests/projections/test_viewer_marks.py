"""Given what a viewer did, what stands marked."""

from uuid import UUID

import pytest

from domain.engagement.interaction import (
    CreatorFollowed,
    CreatorUnfollowed,
    VideoHidden,
    VideoLiked,
    VideoSaved,
    VideoUnliked,
    VideoUnsaved,
    VideoViewed,
)
from projections.viewer_marks import Mark, Marking, ViewerMarks
from tests.support.facts import fact

USER, VIDEO, CREATOR = (UUID(int=number) for number in range(1, 4))


def occurred(*events):
    return ViewerMarks().fold([fact(event, position=number) for number, event in enumerate(events, start=1)])


@pytest.mark.parametrize(
    ("event", "mark", "target"),
    [
        (VideoLiked(user_id=USER, video_id=VIDEO), Mark.LIKE, VIDEO),
        (VideoSaved(user_id=USER, video_id=VIDEO), Mark.SAVE, VIDEO),
        (VideoHidden(user_id=USER, video_id=VIDEO), Mark.HIDE, VIDEO),
        (CreatorFollowed(user_id=USER, creator_id=CREATOR), Mark.FOLLOW, CREATOR),
    ],
)
def test_each_way_to_mark_leaves_its_mark_at_its_position(event, mark, target):
    assert occurred(event) == {Marking(USER, mark, target): 1}


@pytest.mark.parametrize(
    ("first", "then", "mark", "target"),
    [
        (VideoLiked(user_id=USER, video_id=VIDEO), VideoUnliked(user_id=USER, video_id=VIDEO), Mark.LIKE, VIDEO),
        (VideoSaved(user_id=USER, video_id=VIDEO), VideoUnsaved(user_id=USER, video_id=VIDEO), Mark.SAVE, VIDEO),
        (
            CreatorFollowed(user_id=USER, creator_id=CREATOR),
            CreatorUnfollowed(user_id=USER, creator_id=CREATOR),
            Mark.FOLLOW,
            CREATOR,
        ),
    ],
)
def test_what_was_reported_last_counts(first, then, mark, target):
    assert occurred(first, then) == {Marking(USER, mark, target): None}
    assert occurred(first, then, first) == {Marking(USER, mark, target): 3}


def test_a_view_marks_nothing():
    assert occurred(VideoViewed(user_id=USER, video_id=VIDEO)) == {}
