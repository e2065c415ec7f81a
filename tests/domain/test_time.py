"""Moments, as facts keep them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from domain.kernel.time import OutsideCalendar, in_utc

AHEAD = timezone(timedelta(hours=14))


def test_a_moment_keeps_its_place_in_time_and_loses_its_offset():
    moment = in_utc(datetime(2026, 3, 1, 10, tzinfo=AHEAD), field="at")
    assert (moment, moment.tzinfo) == (datetime(2026, 2, 28, 20, tzinfo=UTC), UTC)


def test_a_moment_that_utc_has_no_year_for_is_refused_by_name():
    with pytest.raises(OutsideCalendar) as refused:
        in_utc(datetime(1, 1, 1, tzinfo=AHEAD), field="at")
    assert refused.value.field == "at"
