"""A video: drafted, published, changed, withdrawn; withdrawn is the end.

Read top to bottom: what can happen (events), what we remember (`Video`), how
remembering works (`evolve`), and what may be decided.  A decision returns the
events it makes true; an empty list means it was true already.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import assert_never
from uuid import UUID

import msgspec

from domain.kernel.errors import Conflict, NotFound
from domain.kernel.event import Event

GenerationParameter = str | int | float | bool | None


class Details(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a video is about.

    ``title`` and ``description`` are what viewers read.  ``genre``, ``tone``,
    ``pacing`` and ``themes`` are the platform's own words, by which videos are
    compared.  ``language`` is a BCP 47 tag.  ``duration_ms`` is in milliseconds.
    ``generation`` holds the parameters it was made with, by name (``hook``,
    ``length``, ``style`` …); it is kept as given and treated as read-only.
    """

    title: str
    description: str = ""
    genre: str | None = None
    tone: str | None = None
    pacing: str | None = None
    themes: tuple[str, ...] = ()
    language: str | None = None
    duration_ms: int | None = None
    generation: dict[str, GenerationParameter] = msgspec.field(default_factory=dict[str, GenerationParameter])


class Status(StrEnum):
    """How far a video has come."""

    DRAFT = "draft"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


# --- events ---------------------------------------------------------------


class VideoDrafted(Event, frozen=True, kw_only=True, tag="catalog.video_drafted"):
    """A creator began a video that nobody else can see; the stream is the video."""

    creator_id: UUID
    details: Details


class VideoPublished(Event, frozen=True, kw_only=True, tag="catalog.video_published"):
    """Viewers can find it from now on."""


class VideoChanged(Event, frozen=True, kw_only=True, tag="catalog.video_changed"):
    """``details`` replace all that were there before."""

    details: Details


class VideoWithdrawn(Event, frozen=True, kw_only=True, tag="catalog.video_withdrawn"):
    """Nobody is shown it any more; ``reason`` is why, in the words of who withdrew it."""

    reason: str


VideoEvent = VideoDrafted | VideoPublished | VideoChanged | VideoWithdrawn

# --- errors ---------------------------------------------------------------


class VideoNotFound(NotFound):
    """No video was drafted under this id, or the asker may not see it."""

    code = "video_not_found"


class VideoIdTaken(Conflict):
    """Another creator's video has this id."""

    code = "video_id_taken"


class VideoIsWithdrawn(Conflict):
    """A withdrawn video is not published or changed again."""

    code = "video_withdrawn"


# --- state ----------------------------------------------------------------


class Video(msgspec.Struct, frozen=True, kw_only=True):
    """What later decisions need to know, and no more."""

    creator_id: UUID
    details: Details
    status: Status = Status.DRAFT


def evolve(video: Video | None, event: VideoEvent) -> Video:
    """The video after ``event``; total over all events, and never raises on a valid log."""
    if isinstance(event, VideoDrafted):
        return Video(creator_id=event.creator_id, details=event.details)
    assert video is not None, f"{type(event).__name__} before VideoDrafted"
    match event:
        case VideoPublished():
            return msgspec.structs.replace(video, status=Status.PUBLISHED)
        case VideoChanged():
            return msgspec.structs.replace(video, details=event.details)
        case VideoWithdrawn():
            return msgspec.structs.replace(video, status=Status.WITHDRAWN)
        case _:
            assert_never(event)


# --- decisions ------------------------------------------------------------


def draft(video: Video | None, *, creator_id: UUID, details: Details) -> Sequence[VideoEvent]:
    """Begin a video; raises `VideoIdTaken` if the id is another creator's.

    Drafting again under the same id changes nothing, whatever became of the video.
    """
    if video is None:
        return [VideoDrafted(creator_id=creator_id, details=details)]
    if video.creator_id != creator_id:
        raise VideoIdTaken("this id belongs to another video")
    return []


def publish(video: Video) -> Sequence[VideoEvent]:
    """Show it to viewers; raises `VideoIsWithdrawn`."""
    _refuse_withdrawn(video)
    return [] if video.status is Status.PUBLISHED else [VideoPublished()]


def change(video: Video, *, details: Details) -> Sequence[VideoEvent]:
    """Replace the details; raises `VideoIsWithdrawn`."""
    _refuse_withdrawn(video)
    return [] if video.details == details else [VideoChanged(details=details)]


def withdraw(video: Video, *, reason: str) -> Sequence[VideoEvent]:
    """Take it out of every list, for good; a draft can be withdrawn too."""
    return [] if video.status is Status.WITHDRAWN else [VideoWithdrawn(reason=reason)]


def _refuse_withdrawn(video: Video) -> None:
    if video.status is Status.WITHDRAWN:
        raise VideoIsWithdrawn("the video was withdrawn")
