"""Facts for tests, with everything filled in that the test does not care about."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

from domain.engagement.interaction import VideoLiked
from domain.kernel.event import Event, Fact
from domain.kernel.ids import uuid7

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def fact(
    event: Event,
    *,
    stream_id: UUID | None = None,
    version: int = 1,
    subject_id: UUID | None = None,
    event_id: UUID | None = None,
    position: int = 0,
) -> Fact[Event]:
    event_id = event_id or uuid7(NOON)
    return Fact(
        event_id=event_id,
        stream_id=stream_id or event_id,
        version=version,
        event=event,
        occurred_at=NOON,
        recorded_at=NOON,
        actor_id="user:7",
        correlation_id=UUID(int=9),
        subject_id=subject_id,
        position=position,
    )


def like(*, video_id: UUID | None = None, user_id: UUID | None = None) -> Fact[Event]:
    return fact(VideoLiked(user_id=user_id or uuid4(), video_id=video_id or uuid4()))
