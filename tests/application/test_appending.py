"""Batches on their way to logs that are slow, or away."""

from collections.abc import Sequence
from uuid import uuid4

import pytest

from application.history.appending import ATTEMPTS, OrderedAppends
from application.history.facts import Recording, facts_of
from application.history.records import UserRecord
from application.ports import LogBusy, LogUnavailable
from domain.kernel.event import Event, Fact
from tests.support.failing_log import FailingLog
from tests.support.history import BEGAN


def batches(number: int) -> list[list[Fact[Event]]]:
    recording = Recording("operator:test", BEGAN)
    return [list(facts_of(UserRecord(id=uuid4(), at=BEGAN), recording)[1]) for _ in range(number)]


async def append_all(log: FailingLog, wanted: Sequence[list[Fact[Event]]]) -> OrderedAppends:
    appends = OrderedAppends({"identity": log}, pause=0)
    for batch in wanted:
        await appends.append({"identity": batch})
    await appends.finish()
    return appends


@pytest.mark.anyio
async def test_no_batch_overtakes_the_one_before():
    log, wanted = FailingLog((LogUnavailable, False), (LogBusy, False)), batches(5)

    appends = await append_all(log, wanted)

    assert log.recorded == [fact.event_id for batch in wanted for fact in batch]
    assert log.at_once == 1
    assert (appends.appended, appends.duplicates) == (5, 0)


@pytest.mark.anyio
async def test_what_was_recorded_unheard_is_a_duplicate_when_it_is_sent_again():
    log, wanted = FailingLog((LogUnavailable, True)), batches(3)

    appends = await append_all(log, wanted)

    assert log.recorded == [fact.event_id for batch in wanted for fact in batch]
    assert (appends.appended, appends.duplicates) == (2, 1)


@pytest.mark.anyio
async def test_a_log_that_stays_away_ends_it():
    log = FailingLog(*[(LogUnavailable, False)] * ATTEMPTS)

    with pytest.raises(LogUnavailable):
        await append_all(log, batches(1))
    assert log.recorded == []
