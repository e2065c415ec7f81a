"""What a recommender that lives in memory needs of the world around it."""

from collections.abc import Collection, Iterator, Mapping
from typing import Protocol
from uuid import UUID

import msgspec

from projections.recommendations.arrays import Floats


class Checkpoints(Protocol):
    """Where a read model that lives in memory leaves its state between two lives.

    A checkpoint is a cache of the fold: losing one costs a replay and nothing else.
    """

    async def save(self, name: str, version: int, positions: Mapping[str, int], state: bytes) -> None:
        """Replace the checkpoint of this projection and version."""
        ...

    async def load(self, name: str, version: int) -> tuple[dict[str, int], bytes] | None:
        """The last one saved, or None."""
        ...


class Freshness(Protocol):
    """Whoever keeps answers must learn when they are out of date."""

    async def moved(self, positions: Mapping[str, int], users: Collection[UUID], *, catalog_changed: bool) -> None:
        """Nobody among ``users`` is given an answer older than ``positions``; nobody at all, if the catalogue changed.

        Never raises, and returns within a bounded time; what could not be said
        is made up for before an older answer is given again.
        """
        ...


class Point(msgspec.Struct, frozen=True):
    """A published video among vectors; ``vector`` is of shape ``(DIMENSION,)`` and length 1."""

    video_id: UUID
    creator_id: UUID
    genre: str | None
    vector: Floats


class Points(Protocol):
    """All published videos: the truth that an index of vectors copies."""

    def point(self, video_id: UUID) -> Point | None:
        """The video as it is now; None if it must not be found."""
        ...

    def every_point(self) -> Iterator[UUID]:
        """The ids of all that must be found."""
        ...

    def point_count(self) -> int:
        """How many those are."""
        ...


class VectorIndex(Protocol):
    """Finds what is near among more vectors than one process should walk."""

    def changed(self, videos: Collection[UUID]) -> None:
        """Copy these videos anew, soon; never raises, never waits."""
        ...

    async def near(self, point: Point, *, genre: str | None, creator_id: UUID | None) -> Mapping[UUID, float] | None:
        """Cosines of the videos whose content is nearest; None while the index cannot be relied upon.

        Never raises, and returns within a bounded time.
        """
        ...
