"""A platform to ask recommendations of: videos, and viewers with a history, the same in every run."""

import asyncio
import random
from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid5

from adapters.composition import System, utc_now
from application.catalog import VideoDetails
from domain.engagement.interaction import VideoInteraction, VideoLiked, VideoViewed
from domain.kernel.event import Fact
from domain.kernel.ids import uuid7
from tests.bench.facts import ACTOR, CORRELATION, ENOUGH_MS
from tests.bench.harness import tell
from tests.bench.processes import OPERATOR

NAMES = UUID("0190a8b0-0000-7000-8000-000000000006")
SEED = 20_261_123
VIDEOS, CREATORS, USERS, INTERACTIONS = 1_000, 50, 2_000, 30_000
GENRES = ("animals", "music", "science", "sport", "travel", "cooking", "games", "news")
LIKED = 0.2
"""Share of views that end in a like instead."""

AT_ONCE = 200
POPULARITY = 0.8
"""Exponent of Zipf's law, by which some videos are seen far more often than others."""


def video(number: int) -> UUID:
    """The id of a video."""
    return uuid5(NAMES, f"video {number}")


def user(number: int) -> UUID:
    """The id of a viewer."""
    return uuid5(NAMES, f"user {number}")


async def fill(system: System) -> None:
    """Publish the videos and record the history, through the application and the log."""
    tell(f"recording {VIDEOS:,} videos and {INTERACTIONS:,} interactions of {USERS:,} viewers")
    for first in range(0, VIDEOS, AT_ONCE):
        await asyncio.gather(*(_publish(system, number) for number in range(first, first + AT_ONCE)))
    history = interactions()
    for first in range(0, len(history), 1_000):
        await system.logs["engagement"].report(history[first : first + 1_000])


async def _publish(system: System, number: int) -> None:
    told = VideoDetails(title=f"Video number {number}", genre=GENRES[number % len(GENRES)], duration_ms=ENOUGH_MS)
    await system.catalog.draft_video(video(number), uuid5(NAMES, f"creator {number % CREATORS}"), told, OPERATOR)
    await system.catalog.publish_video(video(number), OPERATOR)


def interactions() -> Sequence[Fact[VideoInteraction]]:
    """The history, oldest first; the same choices in every run."""
    chance, now = random.Random(SEED), utc_now()
    weights = [1 / (rank + 1) ** POPULARITY for rank in range(VIDEOS)]
    seen = chance.choices(range(VIDEOS), weights, k=INTERACTIONS)
    facts: list[Fact[Any]] = []
    for number in seen:
        event_id, viewer = uuid7(now), user(chance.randrange(USERS))
        kind = VideoLiked if chance.random() < LIKED else VideoViewed
        facts.append(
            Fact(
                event_id=event_id,
                stream_id=event_id,
                version=1,
                event=kind(user_id=viewer, video_id=video(number), watched_ms=ENOUGH_MS),
                occurred_at=now,
                recorded_at=now,
                actor_id=ACTOR,
                correlation_id=CORRELATION,
                subject_id=viewer,
            )
        )
    return facts
