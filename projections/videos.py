"""What a video is like now, and what a creator has made.

Follows the catalog log.  Answers for the page of a video and the page of its
creator; drafts and withdrawn videos are kept too, and shown to their creator
only.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol, assert_never
from uuid import UUID

import msgspec
from msgspec.structs import replace

from domain.catalog.video import (
    Details,
    Status,
    VideoChanged,
    VideoDrafted,
    VideoEvent,
    VideoPublished,
    VideoWithdrawn,
)
from domain.kernel.event import Fact


class VideoPatch(msgspec.Struct, frozen=True, kw_only=True):
    """What some facts make of one video: None leaves what was there.

    ``revision`` is the version of the video's stream.
    """

    video_id: UUID
    revision: int
    creator_id: UUID | None = None
    details: Details | None = None
    status: Status | None = None
    drafted_at: datetime | None = None
    published_at: datetime | None = None


class VideoRow(msgspec.Struct, frozen=True, kw_only=True):
    """One video as it is now; ``published_at`` is None for one that never was."""

    video_id: UUID
    revision: int
    creator_id: UUID
    details: Details
    status: Status
    drafted_at: datetime
    published_at: datetime | None


class VideosView(Protocol):
    """The questions that this read model answers."""

    async def video(self, video_id: UUID) -> VideoRow | None:
        """One video in whatever state; None if it was never drafted."""
        ...

    async def published(self, video_ids: Collection[UUID]) -> Mapping[UUID, VideoRow]:
        """Those of the videos that viewers can find, by id."""
        ...

    async def by_creator(
        self, creator_id: UUID, *, own: bool, limit: int, before: tuple[datetime, UUID] | None = None
    ) -> Sequence[VideoRow]:
        """A creator's videos, newest draft first; published ones only unless ``own``.

        ``before`` is ``(drafted_at, video_id)`` of the last row of the page before.
        """
        ...


class Videos:
    """One row for each video."""

    name = "videos"
    version = 1
    logs = ("catalog",)
    bare = False

    def fold(self, facts: Sequence[Fact[Any]]) -> Sequence[VideoPatch]:
        """At most one patch for each video, in order of first mention."""
        patches: dict[UUID, VideoPatch] = {}
        for fact in facts:
            before = patches.get(fact.stream_id) or VideoPatch(video_id=fact.stream_id, revision=0)
            patches[fact.stream_id] = _patched(before, fact.event, fact)
        return list(patches.values())


def _patched(patch: VideoPatch, event: VideoEvent, fact: Fact[Any]) -> VideoPatch:
    patch = replace(patch, revision=fact.version)
    match event:
        case VideoDrafted():
            return replace(
                patch,
                creator_id=event.creator_id,
                details=event.details,
                status=Status.DRAFT,
                drafted_at=fact.occurred_at,
            )
        case VideoPublished():
            return replace(patch, status=Status.PUBLISHED, published_at=fact.occurred_at)
        case VideoChanged():
            return replace(patch, details=event.details)
        case VideoWithdrawn():
            return replace(patch, status=Status.WITHDRAWN)
        case _:
            assert_never(event)
