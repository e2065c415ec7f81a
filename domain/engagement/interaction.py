"""What a viewer did, as their client reported it.

An interaction is a fact about the past: nothing is loaded and nothing decided,
so its stream is its own id, at version 1, and a second report of it is a
duplicate by construction.  "Liked, then unliked" is for readers to fold.
"""

from uuid import UUID

from domain.kernel.event import Event
from domain.kernel.personal import Personal


class Interaction(Event, frozen=True, kw_only=True):
    """What every report tells: who, and where from, as far as the client says.

    ``country`` is an ISO 3166-1 alpha-2 code; ``device`` and ``os`` are the
    client's own words.
    """

    user_id: UUID
    session_id: str | None = None
    device: str | None = None
    os: str | None = None
    country: str | None = None


class VideoInteraction(Interaction, frozen=True, kw_only=True):
    """An interaction with one video.

    ``watched_ms`` is the total watched in this view so far, in milliseconds;
    ``creator_id`` is given where the client told whose video it was.
    """

    video_id: UUID
    creator_id: UUID | None = None
    watched_ms: int | None = None


class CreatorInteraction(Interaction, frozen=True, kw_only=True):
    """An interaction with a creator; ``video_id`` is the video that led to it, if one did."""

    creator_id: UUID
    video_id: UUID | None = None


class VideoShown(VideoInteraction, frozen=True, kw_only=True, tag="engagement.video_shown"):
    """The video stood in a list on the viewer's screen: an impression."""


class VideoViewed(VideoInteraction, frozen=True, kw_only=True, tag="engagement.video_viewed"):
    """A view ended."""


class VideoProgressed(VideoInteraction, frozen=True, kw_only=True, tag="engagement.video_progressed"):
    """A view goes on; a client tells every ten seconds or so, not every frame."""


class VideoLiked(VideoInteraction, frozen=True, kw_only=True, tag="engagement.video_liked"):
    """The viewer likes it."""


class VideoUnliked(VideoInteraction, frozen=True, kw_only=True, tag="engagement.video_unliked"):
    """The viewer took a like back."""


class VideoShared(VideoInteraction, frozen=True, kw_only=True, tag="engagement.video_shared"):
    """The viewer passed it on to somebody."""


class VideoSaved(VideoInteraction, frozen=True, kw_only=True, tag="engagement.video_saved"):
    """The viewer kept it for later."""


class VideoUnsaved(VideoInteraction, frozen=True, kw_only=True, tag="engagement.video_unsaved"):
    """The viewer no longer keeps it."""


class VideoCommented(VideoInteraction, frozen=True, kw_only=True, tag="engagement.video_commented"):
    """The viewer wrote a comment; the words are in the collaboration context."""


class VideoSkipped(VideoInteraction, frozen=True, kw_only=True, tag="engagement.video_skipped"):
    """The viewer moved on at once."""


class VideoHidden(VideoInteraction, frozen=True, kw_only=True, tag="engagement.video_hidden"):
    """The viewer does not want to be shown it."""


class CreatorFollowed(CreatorInteraction, frozen=True, kw_only=True, tag="engagement.creator_followed"):
    """The viewer wants to see more of a creator."""


class CreatorUnfollowed(CreatorInteraction, frozen=True, kw_only=True, tag="engagement.creator_unfollowed"):
    """The viewer took a follow back."""


class SearchMade(Interaction, frozen=True, kw_only=True, tag="engagement.search_made"):
    """The viewer searched; people type names into search boxes, so the words are personal."""

    query: Personal[str]


InteractionEvent = (
    VideoShown
    | VideoViewed
    | VideoProgressed
    | VideoLiked
    | VideoUnliked
    | VideoShared
    | VideoSaved
    | VideoUnsaved
    | VideoCommented
    | VideoSkipped
    | VideoHidden
    | CreatorFollowed
    | CreatorUnfollowed
    | SearchMade
)
