"""What a record amounts to: the same facts that the API would have recorded, under ids that never change."""

from datetime import datetime
from typing import assert_never
from uuid import UUID

import msgspec

from application.actor import Actor, Call
from application.engagement import interaction_fact
from application.history.records import InteractionRecord, Record, UserRecord, VideoRecord
from domain.catalog.video import VideoDrafted, VideoPublished
from domain.engagement.report import CLOCK_SKEW, OccurredInFuture
from domain.identity.api_key import Scope
from domain.identity.user import UserRegistered
from domain.kernel.event import Event, Fact, tag_of
from domain.kernel.ids import derived
from domain.kernel.time import in_utc


class Recording(msgspec.Struct, frozen=True):
    """Who records, and when: what all facts of one batch share."""

    actor_id: str
    now: datetime


def facts_of(record: Record, recording: Recording) -> tuple[str, tuple[Fact[Event], ...]]:
    """The log a record belongs to, and its facts, oldest first; raises `Invalid`.

    Depends on the record but for ``recorded_at`` and the actor, so that an
    import can be repeated.  Facts of one record correlate by the record's id.
    """
    match record:
        case InteractionRecord():
            by = Actor(id=recording.actor_id, scope=Scope.ADMIN, call=Call(id=record.id))
            return "engagement", (interaction_fact(record, by=by, clock=lambda: recording.now),)
        case UserRecord():
            registered = UserRegistered(attributes=record.attributes())
            return "identity", (_fact(record, 1, registered, recording, subject_id=record.id),)
        case VideoRecord():
            drafted = VideoDrafted(creator_id=record.creator_id, details=record.details())
            return "catalog", (
                _fact(record, 1, drafted, recording),
                _fact(record, 2, VideoPublished(), recording),
            )
        case _:
            assert_never(record)


def _fact(
    record: UserRecord | VideoRecord,
    version: int,
    event: Event,
    recording: Recording,
    *,
    subject_id: UUID | None = None,
) -> Fact[Event]:
    if record.at > recording.now + CLOCK_SKEW:
        raise OccurredInFuture("at is more than 24 hours ahead of our clock", field="at")
    return Fact(
        event_id=derived(tag_of(type(event)), record.id),
        stream_id=record.id,
        version=version,
        event=event,
        occurred_at=in_utc(record.at, field="at"),
        recorded_at=recording.now,
        actor_id=recording.actor_id,
        correlation_id=record.id,
        subject_id=subject_id,
    )
