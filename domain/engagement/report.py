"""A client's report of an interaction, and the event it amounts to."""

from datetime import datetime, timedelta
from typing import Annotated, Literal, TypeVar
from uuid import UUID

import msgspec
from msgspec import Meta

from domain.engagement.interaction import (
    CreatorFollowed,
    CreatorUnfollowed,
    InteractionEvent,
    SearchMade,
    VideoCommented,
    VideoHidden,
    VideoLiked,
    VideoProgressed,
    VideoSaved,
    VideoShared,
    VideoShown,
    VideoSkipped,
    VideoUnliked,
    VideoUnsaved,
    VideoViewed,
)
from domain.kernel.errors import Invalid

CLOCK_SKEW = timedelta(hours=24)
"""How far ahead of ours a client's clock may be before its report is refused."""

T = TypeVar("T")

A_DAY_MS = 86_400_000

Kind = Literal[
    "impression",
    "view",
    "progress",
    "like",
    "unlike",
    "share",
    "save",
    "unsave",
    "comment",
    "follow",
    "unfollow",
    "skip",
    "hide",
    "search",
]
ShortText = Annotated[str, Meta(min_length=1, max_length=128)]


class ReportedInteraction(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One interaction as clients and history files give it.

    ``id`` is chosen by the client and makes a second report a duplicate; ``at``
    is when it happened, with its offset.  Videos are named by every kind but
    ``follow``, ``unfollow`` (``creator_id``) and ``search`` (``query``).
    ``device`` and ``os`` name kinds ("phone"), never somebody's own ("Ann's
    phone"): they are kept in the clear.
    """

    id: UUID
    at: Annotated[datetime, Meta(tz=True)]
    user_id: UUID
    kind: Kind
    video_id: UUID | None = None
    creator_id: UUID | None = None
    watched_ms: Annotated[int, Meta(ge=0, le=A_DAY_MS)] | None = None
    session_id: ShortText | None = None
    device: ShortText | None = None
    os: ShortText | None = None
    country: Annotated[str, Meta(pattern="^[A-Z]{2}$")] | None = None
    query: Annotated[str, Meta(min_length=1, max_length=500)] | None = None


class FieldMissing(Invalid):
    """This kind of interaction needs the field that is named."""

    code = "field_missing"


class FieldNotAllowed(Invalid):
    """This kind of interaction has no such field."""

    code = "field_not_allowed"


class OccurredInFuture(Invalid):
    """``at`` is further ahead than clocks differ."""

    code = "occurred_in_future"


VIDEO_EVENTS = {
    "impression": VideoShown,
    "view": VideoViewed,
    "progress": VideoProgressed,
    "like": VideoLiked,
    "unlike": VideoUnliked,
    "share": VideoShared,
    "save": VideoSaved,
    "unsave": VideoUnsaved,
    "comment": VideoCommented,
    "skip": VideoSkipped,
    "hide": VideoHidden,
}
CREATOR_EVENTS = {"follow": CreatorFollowed, "unfollow": CreatorUnfollowed}


def event_of(report: ReportedInteraction, *, now: datetime) -> InteractionEvent:
    """The event a report amounts to.

    Raises `FieldMissing`, `FieldNotAllowed` and `OccurredInFuture`; nothing that
    a client sent is dropped silently.
    """
    if report.at > now + CLOCK_SKEW:
        raise OccurredInFuture("at is more than 24 hours ahead of our clock", field="at")
    if video_event := VIDEO_EVENTS.get(report.kind):
        _refuse(report, "query")
        return video_event(
            user_id=report.user_id,
            video_id=_given(report.video_id, "video_id", report.kind),
            creator_id=report.creator_id,
            watched_ms=report.watched_ms,
            session_id=report.session_id,
            device=report.device,
            os=report.os,
            country=report.country,
        )
    if creator_event := CREATOR_EVENTS.get(report.kind):
        _refuse(report, "query", "watched_ms")
        return creator_event(
            user_id=report.user_id,
            creator_id=_given(report.creator_id, "creator_id", report.kind),
            video_id=report.video_id,
            session_id=report.session_id,
            device=report.device,
            os=report.os,
            country=report.country,
        )
    _refuse(report, "video_id", "creator_id", "watched_ms")
    return SearchMade(
        user_id=report.user_id,
        query=_given(report.query, "query", report.kind),
        session_id=report.session_id,
        device=report.device,
        os=report.os,
        country=report.country,
    )


def _given(value: T | None, field: str, kind: str) -> T:
    if value is None:
        raise FieldMissing(f"an interaction of kind {kind} needs {field}", field=field)
    return value


def _refuse(report: ReportedInteraction, *fields: str) -> None:
    for field in fields:
        if getattr(report, field) is not None:
            raise FieldNotAllowed(f"an interaction of kind {report.kind} has no {field}", field=field)
