"""What a viewer has marked as things stand: liked, saved and hidden videos, and creators they follow.

Follows the engagement log.  Answers for the buttons beside a video, which say
whether they are pressed, and for the list of what somebody saved.  What counts
is what was reported last, whenever it is said to have happened.
"""

from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from typing import Any, NamedTuple, Protocol
from uuid import UUID

import msgspec

from domain.engagement.interaction import (
    CreatorFollowed,
    CreatorUnfollowed,
    VideoHidden,
    VideoLiked,
    VideoSaved,
    VideoUnliked,
    VideoUnsaved,
)
from domain.kernel.event import Occurrence


class Mark(StrEnum):
    """The ways to mark; stored, so a value never changes."""

    LIKE = "like"
    SAVE = "save"
    HIDE = "hide"
    FOLLOW = "follow"


class Marking(NamedTuple):
    """Who marked what: a creator with ``follow``, a video with all others."""

    user_id: UUID
    mark: Mark
    target_id: UUID


class Marked(msgspec.Struct, frozen=True):
    """One thing in a list of marked ones; ``position`` is the place of the mark in the engagement log."""

    target_id: UUID
    position: int


class ViewerMarksView(Protocol):
    """The questions that this read model answers."""

    async def marks(self, user_id: UUID, targets: Collection[UUID]) -> Mapping[UUID, frozenset[Mark]]:
        """How the viewer has marked these videos and creators; those without a mark are left out."""
        ...

    async def marked(self, user_id: UUID, mark: Mark, *, limit: int, before: int | None = None) -> Sequence[Marked]:
        """What the viewer has marked so, the last first; ``before`` is the position of the last of the page before."""
        ...


class ViewerMarks:
    """One row for each mark that is set; a mark taken back leaves none."""

    name = "viewer_marks"
    version = 1
    logs = ("engagement",)
    bare = True

    def fold(self, facts: Sequence[Occurrence[Any]]) -> Mapping[Marking, int | None]:
        """The position at which each mark was set last, or None if it was taken back."""
        changes: dict[Marking, int | None] = {}
        for fact in facts:
            event = fact.event
            match event:
                case VideoLiked() | VideoSaved() | VideoHidden():
                    changes[Marking(event.user_id, SET[type(event)], event.video_id)] = fact.position
                case VideoUnliked() | VideoUnsaved():
                    changes[Marking(event.user_id, TAKEN_BACK[type(event)], event.video_id)] = None
                case CreatorFollowed():
                    changes[Marking(event.user_id, Mark.FOLLOW, event.creator_id)] = fact.position
                case CreatorUnfollowed():
                    changes[Marking(event.user_id, Mark.FOLLOW, event.creator_id)] = None
                case _:
                    pass
        return changes


SET: Mapping[type, Mark] = {VideoLiked: Mark.LIKE, VideoSaved: Mark.SAVE, VideoHidden: Mark.HIDE}
TAKEN_BACK: Mapping[type, Mark] = {VideoUnliked: Mark.LIKE, VideoUnsaved: Mark.SAVE}
