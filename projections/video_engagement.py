"""How a video is doing: counts of what viewers did with it, since it was published.

Follows the engagement log.  Every count is of reports, so that one added to
another is always right: who shows likes subtracts the ones taken back.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol
from uuid import UUID

import msgspec

from domain.engagement.interaction import (
    VideoCommented,
    VideoHidden,
    VideoInteraction,
    VideoLiked,
    VideoSaved,
    VideoShared,
    VideoShown,
    VideoSkipped,
    VideoUnliked,
    VideoUnsaved,
    VideoViewed,
)
from domain.kernel.event import Fact

COUNTED: Mapping[type[VideoInteraction], str] = {
    VideoShown: "impressions",
    VideoViewed: "views",
    VideoLiked: "likes",
    VideoUnliked: "unlikes",
    VideoShared: "shares",
    VideoSaved: "saves",
    VideoUnsaved: "unsaves",
    VideoCommented: "comments",
    VideoSkipped: "skips",
    VideoHidden: "hides",
}
"""The count that each interaction adds one to; those not listed are not counted."""


class EngagementCounts(msgspec.Struct):
    """What is added to one video's counts; ``watched_ms`` is summed over views, in milliseconds."""

    impressions: int = 0
    views: int = 0
    watched_ms: int = 0
    likes: int = 0
    unlikes: int = 0
    shares: int = 0
    saves: int = 0
    unsaves: int = 0
    comments: int = 0
    skips: int = 0
    hides: int = 0


class VideoEngagementView(Protocol):
    """The question that this read model answers."""

    async def counts(self, video_id: UUID) -> EngagementCounts:
        """One video's counts; all zero if nobody touched it."""
        ...


class VideoEngagement:
    """One row for each video that was interacted with."""

    name = "video_engagement"
    version = 1
    logs = ("engagement",)

    def fold(self, facts: Sequence[Fact[Any]]) -> Mapping[UUID, EngagementCounts]:
        """What to add, by video."""
        added: dict[UUID, EngagementCounts] = {}
        for fact in facts:
            event = fact.event
            count = COUNTED.get(event.__class__)
            if count is None:
                continue
            counts = _of(added, event)
            setattr(counts, count, getattr(counts, count) + 1)
            if isinstance(event, VideoViewed) and event.watched_ms:
                counts.watched_ms += event.watched_ms
        return added


def _of(added: dict[UUID, EngagementCounts], event: VideoInteraction) -> EngagementCounts:
    counts = added.get(event.video_id)
    if counts is None:
        counts = added[event.video_id] = EngagementCounts()
    return counts
