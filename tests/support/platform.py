"""A small platform with a history, told in sentences and read by the recommender as facts of two logs.

platform = Platform()
platform.publish("cats", genre="animals")
platform.watch("ann", "cats")
answer = platform.feed("bob")
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

from domain.catalog.video import Details, VideoChanged, VideoDrafted, VideoPublished, VideoWithdrawn
from domain.engagement import interaction
from domain.kernel.event import Event, Fact
from projections.read_model import ReadModel
from projections.recommendations.changes import Changes
from projections.recommendations.engine import Engine
from projections.recommendations.projection import RecommendationsProjection
from projections.recommendations.question import FeedQuestion, Recommended, SimilarQuestion

NAMES = UUID("00000000-0000-4000-8000-000000000001")
AT = datetime(2026, 1, 1, tzinfo=UTC)


def named(name: str) -> UUID:
    """The id of what a story calls ``name``."""
    return uuid5(NAMES, name)


class Platform:
    """Both logs, and an engine that has read them as far as they go."""

    def __init__(self) -> None:
        self.engine = Engine()
        self.engagement: list[Fact[Any]] = []
        self.catalog: list[Fact[Any]] = []

    # --- what happens ---------------------------------------------------------

    def publish(self, *videos: str, creator: str = "creator", **details: Any) -> None:
        for video in videos:
            self.draft(video, creator=creator, **details)
            self._record(self.catalog, named(video), VideoPublished())

    def draft(self, video: str, *, creator: str = "creator", **details: Any) -> None:
        said = Details(title=details.pop("title", video), **details)
        self._record(self.catalog, named(video), VideoDrafted(creator_id=named(creator), details=said))

    def change(self, video: str, **details: Any) -> None:
        self._record(self.catalog, named(video), VideoChanged(details=Details(**details)))

    def withdraw(self, video: str) -> None:
        self._record(self.catalog, named(video), VideoWithdrawn(reason="rights"))

    def watch(self, user: str, *videos: str, ms: int = 10_000) -> None:
        for video in videos:
            self.interact(interaction.VideoViewed, user, video, watched_ms=ms)

    def like(self, user: str, *videos: str) -> None:
        for video in videos:
            self.interact(interaction.VideoLiked, user, video)

    def follow(self, user: str, creator: str, *, after: str | None = None) -> None:
        self._record_follow(interaction.CreatorFollowed, user, creator, after)

    def unfollow(self, user: str, creator: str) -> None:
        self._record_follow(interaction.CreatorUnfollowed, user, creator, None)

    def interact(self, kind: type[interaction.VideoInteraction], user: str, video: str, **told: Any) -> None:
        event = kind(user_id=named(user), video_id=named(video), **told)
        self._record(self.engagement, uuid5(NAMES, str(len(self.engagement))), event)

    # --- what is asked --------------------------------------------------------

    def feed(self, user: str, *, count: int = 20, **filters: Any) -> tuple[Recommended, ...]:
        return self.engine.feed(FeedQuestion(user_id=named(user), count=count, **filters))

    def similar(self, video: str, *, count: int = 20, **filters: Any) -> tuple[Recommended, ...]:
        return self.engine.similar(SimilarQuestion(video_id=named(video), count=count, **filters))

    # --- underneath -----------------------------------------------------------

    def _record_follow(
        self, kind: type[interaction.CreatorInteraction], user: str, creator: str, after: str | None
    ) -> None:
        event = kind(user_id=named(user), creator_id=named(creator), video_id=named(after) if after else None)
        self._record(self.engagement, uuid5(NAMES, str(len(self.engagement))), event)

    def _record(self, log: list[Fact[Any]], stream: UUID, event: Event) -> None:
        fact = Fact(
            event_id=uuid5(stream, str(len(log))),
            stream_id=stream,
            version=1,
            event=event,
            occurred_at=AT,
            recorded_at=AT,
            actor_id="test",
            correlation_id=NAMES,
            position=len(log) + 1,
        )
        log.append(fact)
        read(self.engine, [fact])


def read(engine: Engine, facts: Sequence[Fact[Any]]) -> None:
    """Let ``engine`` take in facts of one log."""
    changes = RecommendationsProjection().fold(facts)
    for listed in changes.catalog:
        engine.enlist(listed)
    for touched in changes.engagement:
        engine.learn(touched)


def titles(items: Iterable[Recommended]) -> list[str]:
    """Their titles, best first."""
    return [item.title for item in items]


async def catch_up(model: ReadModel[Changes], platform: Platform) -> None:
    """Let ``model`` read both logs to their end, as a projector would."""
    for log, facts in (("catalog", platform.catalog), ("engagement", platform.engagement)):
        after = await model.position(log)
        if after < len(facts):
            changes = RecommendationsProjection().fold(facts[after:])
            await model.advance(log, after=after, upto=len(facts), changes=changes)


def question(user: str, **asked: Any) -> FeedQuestion:
    """What ``user`` asks."""
    return FeedQuestion(user_id=named(user), **asked)
