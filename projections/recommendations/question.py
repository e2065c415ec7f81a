"""What is asked of the recommender, and what it answers; spoken by its clients and its servers alike.

Nothing heavy is imported here: a process that only asks needs none of the
arrays that the answer is computed from.
"""

from enum import StrEnum
from typing import Annotated, Protocol
from uuid import UUID

import msgspec
from msgspec import Meta

Count = Annotated[int, Meta(ge=1, le=100)]
"""How many videos are asked for."""


class FeedQuestion(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which videos should this user be shown next.

    ``genre`` and ``creator_id`` leave only what matches exactly.  ``at_least``
    maps a log to the position that the answer must know of: ``{"engagement":
    41}`` for somebody whose last interaction was recorded at 41.
    """

    user_id: UUID
    count: Count = 20
    genre: str | None = None
    creator_id: UUID | None = None
    at_least: dict[str, int] = msgspec.field(default_factory=dict[str, int])


class SimilarQuestion(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which videos are like this one.  The fields are those of `FeedQuestion`."""

    video_id: UUID
    count: Count = 20
    genre: str | None = None
    creator_id: UUID | None = None
    at_least: dict[str, int] = msgspec.field(default_factory=dict[str, int])


class ReasonCode(StrEnum):
    """Where a recommendation comes from; stable, for programs."""

    BECAUSE_YOU_LIKED = "because_you_liked"
    BECAUSE_YOU_WATCHED = "because_you_watched"
    BECAUSE_YOU_SHARED = "because_you_shared"
    BECAUSE_YOU_SAVED = "because_you_saved"
    BECAUSE_YOU_COMMENTED = "because_you_commented"
    BECAUSE_YOU_FOLLOWED = "because_you_followed"
    SIMILAR_CONTENT = "similar_content"
    WATCHED_TOGETHER = "watched_together"
    FOLLOWED_CREATOR = "followed_creator"
    POPULAR_NOW = "popular_now"
    POPULAR = "popular"
    WELL_LIKED = "well_liked"
    NEW = "new"
    NOT_SEEN_YET = "not_seen_yet"


class Reason(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why a video is in a list: true when the answer was computed, and checkable.

    ``text`` is an English sentence for people.  ``video_id`` is the video that
    the reason speaks of, ``creator_id`` the creator, where it speaks of one.
    """

    code: ReasonCode
    text: str
    video_id: UUID | None = None
    creator_id: UUID | None = None


class Recommended(msgspec.Struct, frozen=True, kw_only=True):
    """One video of an answer.

    ``score`` orders one answer, higher first; it has no unit and does not
    compare across answers.  ``reasons`` has at least one, the weightiest first.
    """

    video_id: UUID
    title: str
    creator_id: UUID
    score: float
    reasons: tuple[Reason, ...]


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """Videos, best first, and the position of each log that they were computed from.

    There are fewer than asked for only where no more may be shown.
    """

    items: tuple[Recommended, ...]
    positions: dict[str, int]


class RecommenderUnavailable(Exception):
    """Nobody answered in time."""

    code = "recommender_unavailable"


class Recommender(Protocol):
    """Whoever answers: the engine in this process, one across the network, or a cache before either."""

    async def feed(self, question: FeedQuestion) -> Answer:
        """The next videos for a user; never one they have seen or hidden, never a withdrawn one.

        A user nobody has heard of is answered too.  Raises `ReadModelBehind` and
        `RecommenderUnavailable`.
        """
        ...

    async def similar(self, question: SimilarQuestion) -> Answer:
        """The videos most like one, without itself.

        Raises `VideoNotFound` (`domain.catalog.video`) unless the video is
        published, `ReadModelBehind` and `RecommenderUnavailable`.
        """
        ...
