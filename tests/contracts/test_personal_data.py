"""Every place in an event where somebody's words can stand was thought about: sealed, or said here why not.

The reasons at length are in ``docs/adr/0017-what-is-personal-and-what-erasing-does.md``.
"""

import typing
from typing import Any, get_args, get_origin, get_type_hints

import msgspec
import pytest

from adapters.postgres.mapper import PERSONAL
from domain.events import EVERY_EVENT
from domain.kernel.event import Event

WORK = "a work that its maker publishes, and may withdraw"
KIND = "names a kind of device or place, by contract, never somebody's own"
OPEN: dict[str, str] = {
    "engagement.*.session_id": "a random id that a client makes up for a visit",
    "engagement.*.device": KIND,
    "engagement.*.os": KIND,
    "engagement.*.country": KIND,
    "catalog.*.details": WORK,
    "catalog.video_withdrawn.reason": "what was wrong with a work; callers are told to name nobody",
    "identity.api_key_issued.digest": "of 256 random bits",
    "identity.api_key_issued.v2.digest": "of 256 random bits",
    "identity.api_key_issued.label": "of the past: chosen by operators, before users could make keys",
}
"""Fields that hold text and are not sealed, and why not; ``*`` stands for every event of a context."""


def holds_text(hint: Any) -> bool:
    """Whether free text can stand in a value of this type; enumerations and ids are not text."""
    if get_origin(hint) is typing.Annotated:
        return holds_text(get_args(hint)[0])
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return any(holds_text(each) for each in get_type_hints(hint, include_extras=True).values())
    return hint is str or any(holds_text(each) for each in get_args(hint))


def open_texts(tag: str, event_type: type[Event]) -> set[str]:
    """The fields of an event that hold text and are not sealed."""
    hints = get_type_hints(event_type, include_extras=True)
    names = {field.name for field in msgspec.structs.fields(event_type)} - set(PERSONAL.get(tag, ()))
    return {name for name in names if holds_text(hints[name])}


@pytest.mark.parametrize(("tag", "event_type"), EVERY_EVENT.items(), ids=EVERY_EVENT)
def test_text_in_an_event_is_sealed_or_has_a_reason_not_to_be(tag, event_type):
    context = tag.partition(".")[0]
    for name in open_texts(tag, event_type):
        assert f"{tag}.{name}" in OPEN or f"{context}.*.{name}" in OPEN, f"is {tag}.{name} personal?"


def test_no_reason_is_older_than_its_field():
    there = {f"{tag}.{name}" for tag, event_type in EVERY_EVENT.items() for name in open_texts(tag, event_type)}
    there |= {f"{each.partition('.')[0]}.*.{each.rpartition('.')[2]}" for each in there}
    assert set(OPEN) <= there


def test_what_people_tell_about_themselves_is_sealed():
    assert PERSONAL == {
        "identity.user_registered": ("attributes",),
        "identity.user_attributes_changed": ("attributes",),
        "identity.account_opened": ("email",),
        "identity.api_key_issued.v2": ("label",),
        "engagement.search_made": ("query",),
    }
