"""What the benchmarks record: interactions like those that clients report."""

from uuid import UUID

from adapters.composition import utc_now
from domain.engagement.interaction import VideoViewed
from domain.kernel.event import Fact
from domain.kernel.ids import uuid7

ACTOR = "api_key:0190a8b0-0000-7000-8000-000000000001"
CORRELATION = UUID("0190a8b0-0000-7000-8000-000000000002")
CREATOR = UUID("0190a8b0-0000-7000-8000-000000000003")
USER = UUID("0190a8b0-0000-7000-8000-000000000004")
VIDEO = UUID("0190a8b0-0000-7000-8000-000000000005")
ENOUGH_MS = 41_250


def viewed(video: UUID = VIDEO) -> Fact[VideoViewed]:
    """A view that ended, with an id of its own; about 480 bytes as JSON."""
    now = utc_now()
    event_id = uuid7(now)
    return Fact(
        event_id=event_id,
        stream_id=event_id,
        version=1,
        event=VideoViewed(
            user_id=USER,
            video_id=video,
            creator_id=CREATOR,
            watched_ms=ENOUGH_MS,
            session_id="session-4711",
            device="phone",
            os="android",
            country="DE",
        ),
        occurred_at=now,
        recorded_at=now,
        actor_id=ACTOR,
        correlation_id=CORRELATION,
        subject_id=USER,
    )
