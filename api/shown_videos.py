"""What readers are shown of videos and their creators."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec.structs import asdict

from domain.catalog.video import GenerationParameter, Status
from projections.creators import CreatorCounts
from projections.video_engagement import EngagementCounts
from projections.videos import VideoRow


class ShownVideo(msgspec.Struct, frozen=True, kw_only=True):
    """A video; ``version`` counts its changes from 1, ``published_at`` is null for one that never was."""

    id: UUID
    creator_id: UUID
    status: Status
    version: int
    title: str
    description: str
    genre: str | None
    tone: str | None
    pacing: str | None
    themes: Sequence[str]
    language: str | None
    duration_ms: int | None
    generation: Mapping[str, GenerationParameter]
    drafted_at: datetime
    published_at: datetime | None


class ShownCounts(msgspec.Struct, frozen=True, kw_only=True):
    """What viewers did; ``likes`` and ``saves`` without those taken back, ``watched_ms`` over all views."""

    impressions: int
    views: int
    watched_ms: int
    likes: int
    shares: int
    saves: int
    comments: int
    skips: int
    hides: int


class ShownVideoWithCounts(ShownVideo, frozen=True, kw_only=True):
    """A video, and how it is doing."""

    counts: ShownCounts


class VideoPage(msgspec.Struct, frozen=True):
    """Some of a creator's videos, newest first; null as ``next_cursor`` says that there are no more."""

    items: Sequence[ShownVideo]
    next_cursor: str | None


class ShownCreator(msgspec.Struct, frozen=True):
    """A creator; ``videos`` counts all that they ever drafted."""

    id: UUID
    videos: int
    followers: int


def shown(row: VideoRow) -> ShownVideo:
    """A video as lists show it."""
    return ShownVideo(
        id=row.video_id,
        creator_id=row.creator_id,
        status=row.status,
        version=row.revision,
        drafted_at=row.drafted_at,
        published_at=row.published_at,
        **asdict(row.details),
    )


def shown_with_counts(row: VideoRow, counts: EngagementCounts) -> ShownVideoWithCounts:
    """A video as its own page shows it."""
    return ShownVideoWithCounts(**asdict(shown(row)), counts=shown_counts(counts))


def shown_creator(creator_id: UUID, counts: CreatorCounts) -> ShownCreator:
    """A creator, and how many follow them."""
    return ShownCreator(creator_id, counts.videos, max(0, counts.follows - counts.unfollows))


def shown_counts(counts: EngagementCounts) -> ShownCounts:
    """Counts as readers see them: what was taken back is taken off."""
    # Somebody may take back what they never gave, or what was given before there was a log.
    return ShownCounts(
        impressions=counts.impressions,
        views=counts.views,
        watched_ms=counts.watched_ms,
        likes=max(0, counts.likes - counts.unlikes),
        shares=counts.shares,
        saves=max(0, counts.saves - counts.unsaves),
        comments=counts.comments,
        skips=counts.skips,
        hides=counts.hides,
    )
