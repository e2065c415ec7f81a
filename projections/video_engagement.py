"""How a video is doing: counts of what viewers did with it, since it was published.

Follows the engagement log.  Every count is of reports, so that one added to
another is always right: who shows likes subtracts the ones taken back.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
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
from domain.kernel.event import Occurrence

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


class VideoStandings(msgspec.Struct, frozen=True):
    """The counts of some videos, all as of one ``position`` of the engagement log."""

    position: int
    counts: Mapping[UUID, EngagementCounts]

    def among(self, video_ids: AbstractSet[UUID]) -> Mapping[UUID, EngagementCounts]:
        """Those of ``video_ids`` that are here."""
        return {video_id: self.counts[video_id] for video_id in video_ids & self.counts.keys()}


class VideoEngagementView(Protocol):
    """The questions that this read model answers."""

    async def counts(self, video_id: UUID) -> EngagementCounts:
        """One video's counts; all zero if nobody touched it."""
        ...

    async def standings(self, video_ids: Sequence[UUID]) -> VideoStandings:
        """The counts of those of the videos that are published."""
        ...


class VideoEngagement:
    """One row for each video that was interacted with."""

    name = "video_engagement"
    version = 1
    logs = ("engagement",)
    bare = True

    def fold(self, facts: Sequence[Occurrence[Any]]) -> Mapping[UUID, EngagementCounts]:
        """What to add, by video."""
        # By number: a UUID is hashed and compared in Python, an int is not.
        tallies = {kind: defaultdict[int, int](int) for kind in COUNTED}
        watched = defaultdict[int, int](int)
        for fact in facts:
            event = fact.event
            tally = tallies.get(event.__class__)
            if tally is not None:
                video = event.video_id.int
                tally[video] += 1
                if event.watched_ms and isinstance(event, VideoViewed):
                    watched[video] += event.watched_ms
        return _by_video({COUNTED[kind]: tally for kind, tally in tallies.items()} | {"watched_ms": watched})


def _by_video(tallies: Mapping[str, Mapping[int, int]]) -> Mapping[UUID, EngagementCounts]:
    added: dict[int, EngagementCounts] = {}
    for count, tally in tallies.items():
        for video, number in tally.items():
            setattr(added.setdefault(video, EngagementCounts()), count, number)
    return {UUID(int=video): counts for video, counts in added.items()}
