"""What facts mean to the recommender, in its own few words."""

from enum import IntEnum
from uuid import UUID

import msgspec

from domain.catalog.video import Details


class Manner(IntEnum):
    """How a viewer touched a video; stored in checkpoints, so a number never changes its meaning."""

    PASSED = 0
    WATCHED = 1
    LIKED = 2
    SHARED = 3
    SAVED = 4
    COMMENTED = 5
    FOLLOWED = 6
    SKIPPED = 7
    HIDDEN = 8
    UNLIKED = 9
    UNSAVED = 10


class Touch(msgspec.Struct, frozen=True, gc=False):
    """A viewer and a video met at ``position`` of the engagement log.

    ``watched_ms`` counts for `Manner.WATCHED` only: it is the engine that says
    whether so much of this video is much.
    """

    position: int
    user: bytes
    video: bytes
    manner: Manner
    watched_ms: int | None = None


class Follow(msgspec.Struct, frozen=True, gc=False):
    """A viewer began (or ceased) to follow a creator, ``after`` seeing a video where one led to it."""

    position: int
    user: bytes
    creator: bytes
    following: bool
    after: bytes | None = None


class Listing(msgspec.Struct, frozen=True):
    """A video as its creator describes it; the first one names the creator, later ones need not."""

    video: UUID
    details: Details
    creator: UUID | None = None


class Publication(msgspec.Struct, frozen=True):
    """From ``position`` of the catalog log on, a video may be shown."""

    video: UUID
    position: int


class Withdrawal(msgspec.Struct, frozen=True):
    """A video may not be shown any more."""

    video: UUID


EngagementChange = Touch | Follow
CatalogChange = Listing | Publication | Withdrawal


class Changes(msgspec.Struct, frozen=True):
    """What a batch of facts of one log changes, in order; ids are the 16 bytes of a UUID where there are many."""

    engagement: tuple[EngagementChange, ...] = ()
    catalog: tuple[CatalogChange, ...] = ()
