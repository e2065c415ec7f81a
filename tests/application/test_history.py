"""What lines of history files mean, and what is wrong with those that mean nothing."""

import io
import json
import re
from datetime import UTC, datetime, timedelta
from typing import get_args
from uuid import UUID, uuid5

import msgspec
import pytest

from application.history.facts import Recording, facts_of
from application.history.lines import BATCH_LINES, LineReader
from application.history.records import LONGEST_LINE, BadRecord, Record, read_record
from domain.catalog.video import Details, VideoDrafted, VideoPublished
from domain.engagement.interaction import SearchMade, VideoViewed
from domain.engagement.report import FieldMissing, OccurredInFuture
from domain.identity.user import Attributes, UserRegistered
from domain.kernel.errors import Invalid
from tests.support.source_tree import ROOT

GUIDE = (ROOT / "docs/reference/history-files.md").read_text()
NOW = datetime(2026, 11, 1, tzinfo=UTC)
AT = datetime(2026, 5, 4, 12, 30, tzinfo=UTC)
RECORDING = Recording(actor_id="operator:test", now=NOW)


def named(name: str) -> UUID:
    return uuid5(UUID(int=0), name)


def user(**fields) -> dict:
    return {"type": "user", "id": str(named("ann")), "at": "2026-05-04T12:30:00Z", **fields}


def video(**fields) -> dict:
    created = {"creator_id": str(named("cleo")), "title": "Bread"}
    return {"type": "video", "id": str(named("bread")), "at": "2026-05-04T12:30:00Z", **created, **fields}


def interaction(**fields) -> dict:
    told = {"user_id": str(named("ann")), "kind": "view", "video_id": str(named("bread"))}
    return {"type": "interaction", "id": str(named("view")), "at": "2026-05-04T12:30:00Z", **told, **fields}


def line(record: object) -> bytes:
    return json.dumps(record).encode()


def facts(record: dict):
    return facts_of(read_record(line(record)), RECORDING)


# --- records ----------------------------------------------------------------


def test_a_user_was_registered_when_the_record_says():
    log, (fact,) = facts(user(name="Ann", country="FI"))

    assert log == "identity"
    assert fact.event == UserRegistered(attributes=Attributes(name="Ann", country="FI"))
    assert (fact.stream_id, fact.subject_id, fact.version) == (named("ann"), named("ann"), 1)
    assert (fact.occurred_at, fact.recorded_at, fact.actor_id) == (AT, NOW, "operator:test")


def test_a_video_was_drafted_and_published_at_once():
    log, (drafted, published) = facts(video(themes=["food"], generation={"hook": "question", "length": 3}))

    assert log == "catalog"
    details = Details(title="Bread", themes=("food",), generation={"hook": "question", "length": 3})
    assert drafted.event == VideoDrafted(creator_id=named("cleo"), details=details)
    assert published.event == VideoPublished()
    assert [(it.stream_id, it.version, it.occurred_at) for it in (drafted, published)] == [
        (named("bread"), 1, AT),
        (named("bread"), 2, AT),
    ]


def test_an_interaction_is_the_fact_that_a_client_would_have_reported():
    log, (fact,) = facts(interaction(watched_ms=900))

    assert log == "engagement"
    assert fact.event == VideoViewed(user_id=named("ann"), video_id=named("bread"), watched_ms=900)
    assert (fact.event_id, fact.stream_id, fact.version) == (named("view"), named("view"), 1)
    assert fact.subject_id == named("ann")


def test_what_was_searched_for_is_the_searchers_personal_data():
    _, (fact,) = facts(interaction(kind="search", query="bread", video_id=None))

    assert fact.event == SearchMade(user_id=named("ann"), query="bread")
    assert fact.subject_id == named("ann")


@pytest.mark.parametrize("record", [user(), video(), interaction()], ids=lambda record: record["type"])
def test_a_record_has_the_same_ids_whenever_it_is_read(record):
    _, first = facts(record)
    _, again = facts_of(read_record(line(record)), Recording(actor_id="operator:test", now=NOW + timedelta(days=1)))

    assert [(it.event_id, it.correlation_id) for it in first] == [(it.event_id, it.correlation_id) for it in again]
    assert len({it.event_id for it in first}) == len(first)


def guide_fields() -> dict[str, tuple[set[str], set[str]]]:
    """By type, the fields that must and that may be there, as the guide has them."""
    rows = re.findall(r"^\| `(\w+)` \| (`id`.*) \| (.*) \|$", GUIDE, re.MULTILINE)
    return {name: (set(re.findall(r"`(\w+)`", must)), set(re.findall(r"`(\w+)`", may))) for name, must, may in rows}


def test_the_guide_names_every_field_and_no_other():
    told = {
        str(record.__struct_config__.tag): (
            {field.name for field in msgspec.structs.fields(record) if field.required},
            {field.name for field in msgspec.structs.fields(record) if not field.required},
        )
        for record in get_args(Record)
    }

    assert guide_fields() == told


def test_the_guides_example_is_a_history():
    example = re.findall(r"^\{.*\}$", GUIDE, re.MULTILINE)

    assert [facts_of(read_record(it.encode()), RECORDING)[0] for it in example] == ["identity", "catalog", "engagement"]


# --- bad records ------------------------------------------------------------


@pytest.mark.parametrize(
    ("record", "field"),
    [
        (user(shoe_size=44), "shoe_size"),
        (user(birth_year="1990"), "birth_year"),
        (user(country="Finland"), "country"),
        (user(at="2026-05-04T12:30:00"), "at"),
        (user(at="yesterday"), "at"),
        (user(id="ann"), "id"),
        (video(title=""), "title"),
        (video(themes=["food", 7]), "themes[1]"),
        (video(duration_ms=0), "duration_ms"),
        ({name: value for name, value in video().items() if name != "creator_id"}, "creator_id"),
        (interaction(kind="applaud"), "kind"),
        (interaction(watched_ms=-1), "watched_ms"),
        ({**user(), "type": "usr"}, "type"),
        ({"id": str(named("ann"))}, "type"),
        ({"type": "payment_succeeded", "amount": 900}, "type"),
    ],
)
def test_the_field_at_fault_is_named(record, field):
    with pytest.raises(BadRecord) as refused:
        read_record(line(record))

    assert refused.value.field == field


def test_billing_records_are_told_from_nonsense():
    with pytest.raises(BadRecord, match="comes with billing"):
        read_record(line({"type": "plan_changed"}))


@pytest.mark.parametrize(
    "text",
    [
        b"{",
        b"[]",
        b"null",
        b"Bread",
        b'{"type": "user"} {}',
        b'{"type": "user", "name": "\xff"}',
        b'{"type": "user", "name": "\\ud800"}',
        b"[" * 100_000,
        b'{"type":' * 10_000,
        b'"' + b"x" * LONGEST_LINE + b'"',
    ],
    ids=["cut", "list", "null", "word", "two", "not UTF-8", "half a character", "deep", "deeper", "long"],
)
def test_what_is_no_record_is_refused(text):
    with pytest.raises(BadRecord):
        read_record(text)


def test_the_character_that_no_text_column_holds_is_refused_and_its_name_is_not():
    with pytest.raises(BadRecord, match=r"U\+0000"):
        read_record(line(user(name="A\0n")))
    assert read_record(line(user(name="A\\u0000n"))).id == named("ann")


@pytest.mark.parametrize("record", [user(), video(), interaction()], ids=lambda record: record["type"])
def test_nothing_happened_in_the_future(record):
    with pytest.raises(OccurredInFuture):
        facts({**record, "at": "2026-11-02T00:00:01Z"})
    _, found = facts({**record, "at": "2026-11-02T00:00:00Z"})
    assert found[0].occurred_at == NOW + timedelta(days=1)


def test_an_interaction_without_its_object_is_refused():
    with pytest.raises(FieldMissing) as refused:
        facts(interaction(video_id=None))
    assert isinstance(refused.value, Invalid)
    assert refused.value.field == "video_id"


# --- lines ------------------------------------------------------------------


def read(text: bytes) -> list[tuple[int, bytes]]:
    reader = LineReader(io.BytesIO(text))
    found: list[tuple[int, bytes]] = []
    while batch := reader.read():
        found.extend(batch)
    return found


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (b"", []),
        (b"\n\r\n  \n", []),
        (b"a\nb\n", [(1, b"a"), (2, b"b")]),
        (b"a\nb", [(1, b"a"), (2, b"b")]),
        (b"\xef\xbb\xbfa\r\n\r\nb\r\n", [(1, b"a"), (3, b"b")]),
        (b"\n\xef\xbb\xbfa", [(2, b"\xef\xbb\xbfa")]),
    ],
)
def test_lines_are_numbered_as_an_editor_numbers_them(text, lines):
    assert read(text) == lines


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b""])
@pytest.mark.parametrize("beyond", [-1, 0, 1, 2, LONGEST_LINE])
def test_a_line_that_is_too_long_shows_and_the_next_one_is_whole(beyond, end):
    long, *rest = read(b"x" * (LONGEST_LINE + beyond) + end + b"y" * len(end))

    assert (len(long[1]) > LONGEST_LINE) == (beyond > 0)
    assert rest == ([(2, b"y" * len(end))] if end else [])


def test_a_batch_is_bounded():
    reader = LineReader(io.BytesIO(b"a\n" * (BATCH_LINES + 1)))

    assert [len(reader.read()) for _ in range(3)] == [BATCH_LINES, 1, 0]

    wide = LineReader(io.BytesIO(b"\n".join([b"x" * LONGEST_LINE] * 20)))
    assert len(wide.read()) < 20
