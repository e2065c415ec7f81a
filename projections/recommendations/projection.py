"""Recommendations: which videos a user should see next, and which are like a given one.

Follows the engagement log (what people do) and the catalog log (what there is
to see).  Two states come of it that never look at each other: what is learned
from the one log cannot depend on how far the other one was read, and so a
replay, however the two are interleaved, answers every question the same.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from domain.catalog.video import VideoChanged, VideoDrafted, VideoPublished, VideoWithdrawn
from domain.engagement.interaction import (
    CreatorFollowed,
    CreatorUnfollowed,
    VideoCommented,
    VideoHidden,
    VideoInteraction,
    VideoLiked,
    VideoProgressed,
    VideoSaved,
    VideoShared,
    VideoSkipped,
    VideoUnliked,
    VideoUnsaved,
    VideoViewed,
)
from domain.kernel.event import Event, Fact
from projections.recommendations.changes import (
    CatalogChange,
    Changes,
    EngagementChange,
    Follow,
    Listing,
    Manner,
    Publication,
    Touch,
    Withdrawal,
)

MANNERS: dict[type[Event], Manner] = {
    VideoViewed: Manner.WATCHED,
    VideoProgressed: Manner.WATCHED,
    VideoLiked: Manner.LIKED,
    VideoUnliked: Manner.UNLIKED,
    VideoShared: Manner.SHARED,
    VideoSaved: Manner.SAVED,
    VideoUnsaved: Manner.UNSAVED,
    VideoCommented: Manner.COMMENTED,
    VideoSkipped: Manner.SKIPPED,
    VideoHidden: Manner.HIDDEN,
}
"""An impression is not here: what stood in a list was not seen yet."""


class RecommendationsProjection:
    """Folds facts of either log into what the engine takes in."""

    name = "recommendations"
    version = 1
    logs: tuple[str, ...] = ("engagement", "catalog")
    bare = False

    def fold(self, facts: Sequence[Fact[Any]]) -> Changes:
        """The touches, follows and catalogue changes among the facts; other events change nothing."""
        return Changes(
            engagement=tuple(change for fact in facts for change in _engagement(fact)),
            catalog=tuple(change for fact in facts for change in _catalog(fact)),
        )


def _engagement(fact: Fact[Any]) -> Iterator[EngagementChange]:
    event: Event = fact.event
    if isinstance(event, VideoInteraction) and (manner := MANNERS.get(type(event))):
        yield Touch(fact.position, event.user_id.bytes, event.video_id.bytes, manner, event.watched_ms)
    elif isinstance(event, CreatorFollowed | CreatorUnfollowed):
        following = isinstance(event, CreatorFollowed)
        after = event.video_id.bytes if following and event.video_id else None
        yield Follow(fact.position, event.user_id.bytes, event.creator_id.bytes, following, after)


def _catalog(fact: Fact[Any]) -> Iterator[CatalogChange]:
    match fact.event:
        case VideoDrafted(creator_id=creator_id, details=details):
            yield Listing(fact.stream_id, details, creator_id)
        case VideoChanged(details=details):
            yield Listing(fact.stream_id, details)
        case VideoPublished():
            yield Publication(fact.stream_id, fact.position)
        case VideoWithdrawn():
            yield Withdrawal(fact.stream_id)
        case _:
            return
