"""Who of a batch is recorded when some of it is there already."""

from uuid import UUID

import msgspec

from adapters.postgres.mapper import FactRow
from adapters.postgres.settling import Submission, settle
from application.ports import ConcurrentWrite, Recorded


def row(event: int, *, stream: int | None = None, version: int = 1) -> FactRow:
    return FactRow(UUID(int=stream or event), version, "t", b"{}", UUID(int=event), None)


def together(*rows: FactRow) -> Submission:
    return Submission(rows, apart=False)


def apart(*rows: FactRow) -> Submission:
    return Submission(rows, apart=True)


def settled(*submissions: Submission, recorded: tuple[FactRow, ...] = ()):
    """Settles against a log that holds ``recorded`` at the positions from 1 on."""
    return settle(
        submissions,
        head=len(recorded),
        event_ids={each.event_id: position for position, each in enumerate(recorded, start=1)},
        versions={(each.stream_id, each.version): position for position, each in enumerate(recorded, start=1)},
    )


def new(position: int) -> Recorded:
    return Recorded(position, duplicate=False)


def old(position: int) -> Recorded:
    return Recorded(position, duplicate=True)


def test_what_is_new_is_recorded_in_order_of_arrival():
    result = settled(together(row(1), row(2)), apart(row(3)))
    assert result.rows == [row(1), row(2), row(3)]
    assert result.outcomes == [[new(1), new(2)], [new(3)]]


def test_a_conflict_turns_away_its_own_caller_only():
    taken = row(1, stream=50)
    result = settled(together(row(2)), together(row(3), row(4, stream=50)), together(row(5)), recorded=(taken,))
    assert result.rows == [row(2), row(5)]
    assert result.outcomes[0] == [new(2)]
    assert isinstance(result.outcomes[1], ConcurrentWrite)
    assert result.outcomes[2] == [new(3)]


def test_two_of_one_batch_that_want_the_same_version_cannot_both_have_it():
    result = settled(together(row(1, stream=50)), together(row(2, stream=50)))
    assert result.rows == [row(1, stream=50)]
    assert isinstance(result.outcomes[1], ConcurrentWrite)


def test_a_call_that_takes_one_version_twice_is_turned_away():
    result = settled(together(row(1, stream=50), row(2, stream=50)))
    assert result.rows == []
    assert isinstance(result.outcomes[0], ConcurrentWrite)


def test_a_call_that_names_one_event_twice_is_turned_away():
    result = settled(together(row(1, stream=50), row(1, stream=51)))
    assert result.rows == []
    assert isinstance(result.outcomes[0], ConcurrentWrite)


def test_a_repeated_call_answers_as_the_first_did():
    result = settled(together(row(1), row(2)), recorded=(row(1), row(2)))
    assert result.rows == []
    assert result.outcomes == [[old(1), old(2)]]


def test_a_call_of_which_a_part_is_recorded_is_not_completed():
    result = settled(together(row(1), row(2)), recorded=(row(1),))
    assert result.rows == []
    assert isinstance(result.outcomes[0], ConcurrentWrite)


def test_reports_stand_each_for_itself():
    result = settled(apart(row(1), row(2), row(2), row(3)), recorded=(row(2),))
    assert result.rows == [row(1), row(3)]
    assert result.outcomes == [[new(2), old(1), old(1), new(3)]]


def test_a_report_whose_version_is_taken_under_another_id_is_a_duplicate():
    registered = row(1, stream=50)
    result = settled(apart(msgspec.structs.replace(registered, event_id=UUID(int=2))), recorded=(registered,))
    assert result.rows == []
    assert result.outcomes == [[old(1)]]
