"""Commands on videos."""

from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from application.actor import Actor
from application.ports import Clock, EventLog
from application.repository import Receipt, Repository
from domain.catalog import video as videos
from domain.catalog.video import Details, GenerationParameter, Video, VideoEvent, VideoNotFound

Label = Annotated[str, Meta(min_length=1, max_length=64)]
A_DAY_MS = 86_400_000
Parameter = str | Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)] | float | bool | None
"""As `GenerationParameter`, in numbers that every store can hold."""


class VideoDetails(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What callers and history files may tell of a video.

    ``language`` is a BCP 47 tag; ``duration_ms`` is in milliseconds, at most a
    day; ``generation`` holds the parameters the video was made with.
    """

    title: Annotated[str, Meta(min_length=1, max_length=300)]
    description: Annotated[str, Meta(max_length=5000)] = ""
    genre: Label | None = None
    tone: Label | None = None
    pacing: Label | None = None
    themes: Annotated[tuple[Label, ...], Meta(max_length=32)] = ()
    language: Annotated[str, Meta(pattern="^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")] | None = None
    duration_ms: Annotated[int, Meta(ge=1, le=A_DAY_MS)] | None = None
    generation: Annotated[dict[Label, Parameter], Meta(max_length=64)] = msgspec.field(
        default_factory=dict[str, GenerationParameter]
    )

    def details(self) -> Details:
        """The same, as the domain records it."""
        return Details(**{field: getattr(self, field) for field in Details.__struct_fields__})


class Catalog:
    """The catalog context's command handlers.

    Creators act on their own videos, services and admins on anyone's; all but
    drafting raise `VideoNotFound` for others, and `ScopeMissing` for one's own.
    """

    def __init__(self, log: EventLog, clock: Clock) -> None:
        self._videos: Repository[Video, VideoEvent] = Repository(log, videos.evolve, missing=VideoNotFound, clock=clock)

    async def draft_video(self, video_id: UUID, creator_id: UUID, told: VideoDetails, by: Actor) -> Receipt:
        """Begin a video; drafting it again changes nothing.

        Raises `NotThisUser`, `ScopeMissing` and `VideoIdTaken`.
        """
        by.require_self(creator_id)
        by.require_creator()
        details = told.details()
        return await self._videos.begin(
            video_id, lambda video: videos.draft(video, creator_id=creator_id, details=details), by=by
        )

    async def publish_video(self, video_id: UUID, by: Actor) -> Receipt:
        """Show it to viewers.  Raises `VideoNotFound` and `VideoIsWithdrawn`."""
        return await self._videos.change(video_id, lambda video: videos.publish(_own(video, by)), by=by)

    async def change_video(self, video_id: UUID, told: VideoDetails, by: Actor) -> Receipt:
        """Replace the details.  Raises `VideoNotFound` and `VideoIsWithdrawn`."""
        details = told.details()
        return await self._videos.change(video_id, lambda video: videos.change(_own(video, by), details=details), by=by)

    async def withdraw_video(self, video_id: UUID, reason: str, by: Actor) -> Receipt:
        """Take it out of every list, for good.  Raises `VideoNotFound`."""
        return await self._videos.change(video_id, lambda video: videos.withdraw(_own(video, by), reason=reason), by=by)


def _own(video: Video, by: Actor) -> Video:
    """The video if ``by`` may change it; else it does not exist, so that ids of others tell nothing."""
    if not by.acts_for(video.creator_id):
        raise VideoNotFound("there is no such video")
    by.require_creator()
    return video
