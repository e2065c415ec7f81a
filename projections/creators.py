"""Who makes videos, how many, and who follows.

Follows the catalog log, in which a creator is created by first mention, and the
engagement log for follows.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol
from uuid import UUID

import msgspec

from domain.catalog.video import VideoDrafted
from domain.engagement.interaction import CreatorFollowed, CreatorUnfollowed
from domain.kernel.event import Occurrence


class CreatorCounts(msgspec.Struct):
    """What is added to one creator's counts; follows taken back are counted apart."""

    videos: int = 0
    follows: int = 0
    unfollows: int = 0


class CreatorsView(Protocol):
    """The question that this read model answers."""

    async def creator(self, creator_id: UUID) -> CreatorCounts | None:
        """One creator's counts; None for somebody whom no video and no follow names."""
        ...


class Creators:
    """One row for each creator that a video or a follow names."""

    name = "creators"
    version = 1
    logs = ("catalog", "engagement")
    bare = True

    def fold(self, facts: Sequence[Occurrence[Any]]) -> Mapping[UUID, CreatorCounts]:
        """What to add, by creator."""
        added: dict[UUID, CreatorCounts] = {}
        for fact in facts:
            match fact.event:
                case VideoDrafted(creator_id=creator_id):
                    added.setdefault(creator_id, CreatorCounts()).videos += 1
                case CreatorFollowed(creator_id=creator_id):
                    added.setdefault(creator_id, CreatorCounts()).follows += 1
                case CreatorUnfollowed(creator_id=creator_id):
                    added.setdefault(creator_id, CreatorCounts()).unfollows += 1
                case _:
                    pass
        return added
