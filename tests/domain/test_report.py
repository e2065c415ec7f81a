"""What a client's report of an interaction amounts to."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any, get_args
from uuid import UUID

import msgspec
import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from domain.engagement.interaction import (
    CreatorFollowed,
    CreatorInteraction,
    InteractionEvent,
    SearchMade,
    VideoInteraction,
    VideoViewed,
)
from domain.engagement.report import (
    CLOCK_SKEW,
    FieldMissing,
    FieldNotAllowed,
    Kind,
    OccurredInFuture,
    ReportedInteraction,
    event_of,
)
from domain.kernel.errors import Invalid

EVENT, ADA, VIDEO, CREATOR = (UUID(int=n) for n in range(1, 5))
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)

KINDS = get_args(Kind)
OF_CREATORS = {"follow", "unfollow"}
OF_VIDEOS = set(KINDS) - OF_CREATORS - {"search"}
NEEDED: dict[str, dict[str, Any]] = {
    **{kind: {"video_id": VIDEO} for kind in OF_VIDEOS},
    **{kind: {"creator_id": CREATOR} for kind in OF_CREATORS},
    "search": {"query": "knots"},
}
WHERE_FROM: dict[str, Any] = {"session_id": "s1", "device": "phone", "os": "android", "country": "GB"}


def report(kind, /, at=NOON, **fields):
    return ReportedInteraction(id=EVENT, at=at, user_id=ADA, kind=kind, **fields)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_an_event_that_keeps_all_that_was_told(kind):
    told = NEEDED[kind] | WHERE_FROM
    event = event_of(report(kind, **told), now=NOON)
    assert isinstance(event, InteractionEvent)
    assert event.user_id == ADA
    assert {name: getattr(event, name) for name in told} == told


def test_no_two_kinds_are_the_same_event():
    events = {type(event_of(report(kind, **NEEDED[kind]), now=NOON)) for kind in KINDS}
    assert events == set(get_args(InteractionEvent))


def test_a_view_says_how_long_it_was_watched_and_whose_video_it_was():
    viewed = event_of(report("view", video_id=VIDEO, creator_id=CREATOR, watched_ms=30_000), now=NOON)
    assert viewed == VideoViewed(user_id=ADA, video_id=VIDEO, creator_id=CREATOR, watched_ms=30_000)


def test_a_follow_says_which_video_led_to_it():
    followed = event_of(report("follow", creator_id=CREATOR, video_id=VIDEO), now=NOON)
    assert followed == CreatorFollowed(user_id=ADA, creator_id=CREATOR, video_id=VIDEO)


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_kind_needs_and_is_not_told_is_named(kind):
    with pytest.raises(FieldMissing) as refusal:
        event_of(report(kind), now=NOON)
    assert refusal.value.field in NEEDED[kind]
    assert refusal.value.code == "field_missing"


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        *((kind, "query", "knots") for kind in sorted(OF_VIDEOS | OF_CREATORS)),
        *((kind, "watched_ms", 1) for kind in ["follow", "search", "unfollow"]),
        ("search", "video_id", VIDEO),
        ("search", "creator_id", CREATOR),
    ],
)
def test_nothing_that_was_told_is_dropped_silently(kind, field, value):
    with pytest.raises(FieldNotAllowed) as refusal:
        event_of(report(kind, **NEEDED[kind], **{field: value}), now=NOON)
    assert refusal.value.field == field
    assert refusal.value.code == "field_not_allowed"


def test_a_clock_may_be_ahead_of_ours_by_a_day_and_no_more():
    latest = NOON + CLOCK_SKEW
    assert event_of(report("like", at=latest, video_id=VIDEO), now=NOON)
    with pytest.raises(OccurredInFuture) as refusal:
        event_of(report("like", at=latest + timedelta(milliseconds=1), video_id=VIDEO), now=NOON)
    assert refusal.value.field == "at"


def test_clocks_are_compared_across_time_zones():
    in_auckland = (NOON + CLOCK_SKEW).astimezone(timezone(timedelta(hours=13)))
    assert event_of(report("like", at=in_auckland, video_id=VIDEO), now=NOON)


def test_an_interaction_may_be_as_old_as_history_is():
    assert event_of(report("like", at=datetime(1998, 1, 1, tzinfo=UTC), video_id=VIDEO), now=NOON)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("at", "2026-11-23T12:00:00"),
        ("kind", "stare"),
        ("watched_ms", -1),
        ("watched_ms", 86_400_001),
        ("country", "gb"),
        ("country", "GBR"),
        ("session_id", ""),
        ("device", "x" * 129),
        ("query", ""),
        ("query", "x" * 501),
        ("id", "not-a-uuid"),
        ("mood", "good"),
    ],
)
def test_a_report_that_makes_no_sense_is_refused_by_the_name_of_its_field(field, value):
    told = {"id": str(EVENT), "at": "2026-11-23T12:00:00Z", "user_id": str(ADA), "kind": "view", field: value}
    with pytest.raises(msgspec.ValidationError, match=field):
        msgspec.json.decode(msgspec.json.encode(told), type=ReportedInteraction)


@for_all(
    kind=st.sampled_from(KINDS),
    video_id=st.none() | st.just(VIDEO),
    creator_id=st.none() | st.just(CREATOR),
    watched_ms=st.none() | st.integers(0, 1000),
    query=st.none() | st.just("knots"),
)
def test_a_report_is_an_event_with_all_that_was_told_or_a_named_field_is_at_fault(kind, **told):
    told = {name: value for name, value in told.items() if value is not None}
    answer = answer_to(report(kind, **told))
    if isinstance(answer, Invalid):
        assert answer.field in set(told) ^ set(NEEDED[kind]), "the field is missing, or it is too much"
    else:
        assert {name: getattr(answer, name) for name in told} == told
        assert isinstance(answer, VideoInteraction | CreatorInteraction | SearchMade)


def answer_to(reported):
    try:
        return event_of(reported, now=NOON)
    except Invalid as refusal:
        return refusal
