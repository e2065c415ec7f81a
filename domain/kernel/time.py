"""Moments, as facts keep them."""

from datetime import UTC, datetime

from domain.kernel.errors import Invalid


class OutsideCalendar(Invalid):
    """The moment lies before the year 1 or after the year 9999 of UTC."""

    code = "outside_calendar"


def in_utc(at: datetime, *, field: str) -> datetime:
    """The same moment with UTC's offset; raises `OutsideCalendar`."""
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise OutsideCalendar(f"{field} lies outside the calendar of UTC", field=field) from None
