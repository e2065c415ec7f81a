"""Imports as the application sees them: batches, bad lines, and being asked to stop."""

import io
from datetime import timedelta

import pytest

from application.history.importing import BadLine, HistoryImport, StoppedAtBadLine
from application.history.lines import BATCH_LINES, LineReader
from application.history.records import BILLING
from tests.support.failing_log import FailingLog
from tests.support.history import BEGAN, history

LOGS = ("identity", "catalog", "engagement")
NOW = BEGAN + timedelta(days=30)


def importing(logs: dict[str, FailingLog], **options) -> HistoryImport:
    return HistoryImport(logs, lambda: NOW, actor_id="operator:test", **options)


def lines(text: list[bytes]) -> LineReader:
    return LineReader(io.BytesIO(b"\n".join(text)))


@pytest.fixture
def logs() -> dict[str, FailingLog]:
    return {name: FailingLog() for name in LOGS}


@pytest.mark.anyio
async def test_leaving_an_import_waits_until_all_is_recorded(logs):
    async with importing(logs) as importer:
        await importer.read("past", lines(history(users=2, videos=3, views=2 * BATCH_LINES)))

    tally = importer.tally
    assert tally.records == {"user": 2, "video": 3, "interaction": 2 * BATCH_LINES}
    assert (tally.total, tally.appended, tally.duplicates, tally.rejected) == (4_005, 4_008, 0, 0)
    assert [len(logs[name].recorded) for name in LOGS] == [2, 6, 4_000]


@pytest.mark.anyio
async def test_nothing_of_the_batch_with_the_bad_line_is_recorded_and_all_before_it_is(logs):
    good = history(users=1, videos=1, views=2 * BATCH_LINES)

    with pytest.raises(StoppedAtBadLine) as stopped:
        async with importing(logs) as importer:
            await importer.read("past", lines([*good[: BATCH_LINES + 5], b"{}", *good[BATCH_LINES + 5 :]]))

    assert stopped.value.bad == BadLine("past", BATCH_LINES + 6, "type", "the field is required")
    assert str(stopped.value) == "past:2006: type: the field is required"
    assert [len(logs[name].recorded) for name in LOGS] == [1, 2, BATCH_LINES - 2]


@pytest.mark.anyio
async def test_lines_set_aside_do_not_hold_up_their_neighbours(logs):
    kept: list[tuple[BadLine, bytes]] = []
    billing = [f'{{"type": "{name}"}}'.encode() for name in sorted(BILLING)]

    async with importing(logs, set_aside=lambda bad, text: kept.append((bad, text))) as importer:
        await importer.read("past", lines([*billing, *history(views=10)]))

    assert [(bad.line, text) for bad, text in kept] == list(enumerate(billing, start=1))
    assert importer.tally.rejected == len(billing)
    assert len(logs["engagement"].recorded) == 10


@pytest.mark.anyio
async def test_an_import_that_should_stop_does_so_between_batches(logs):
    advanced: list[int] = []
    importer = importing(logs, stopping=lambda: len(advanced) == 2, advanced=lambda: advanced.append(1))

    async with importer:
        await importer.read("past", lines(history(users=1, videos=1, views=5 * BATCH_LINES)))

    assert importer.tally.total == 2 * BATCH_LINES
