"""Ids: ordered by time where they are new, the same for ever where they are derived."""

from datetime import UTC, datetime, timedelta
from uuid import RFC_4122, UUID

from hypothesis import given as for_all
from hypothesis import strategies as st

from domain.kernel.ids import derived, uuid7

moments = st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds only
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@for_all(moments)
def test_a_new_id_is_a_uuid_of_version_7_that_tells_its_millisecond(at):
    new = uuid7(at)
    assert (new.version, new.variant) == (7, RFC_4122)
    told = EPOCH + timedelta(milliseconds=new.int >> 80)
    assert abs(at - told) <= timedelta(milliseconds=1)


def test_the_example_of_rfc_9562_has_the_same_time():
    example = UUID("017F22E2-79B0-7CC3-98C4-DC0C0C07398F")  # RFC 9562, A.6
    at = datetime(2022, 2, 22, 19, 22, 22, tzinfo=UTC)
    assert uuid7(at).bytes[:6] == example.bytes[:6]


@for_all(moments, st.timedeltas(timedelta(milliseconds=2), timedelta(days=36_500)))
def test_ids_sort_by_the_time_they_were_made(at, later):
    assert uuid7(at) < uuid7(at + later)


def test_ids_of_one_moment_are_different():
    at = datetime(2026, 11, 23, tzinfo=UTC)
    assert len({uuid7(at) for _ in range(10_000)}) == 10_000


def test_a_derived_id_is_part_of_history_and_never_changes():
    assert derived("registered", UUID(int=1)) == UUID("8a5f4230-b327-5458-9899-2346c2ce8e4d")


@for_all(st.text(), st.uuids(), st.text(), st.uuids())
def test_a_derived_id_is_the_same_for_the_same_arguments_and_no_others(name, of, other_name, other_of):
    assert derived(name, of) == derived(name, of)
    assert (derived(name, of) == derived(other_name, other_of)) == ((name, of) == (other_name, other_of))
