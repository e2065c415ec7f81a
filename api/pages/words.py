"""How pages say lengths, numbers and moments."""

from datetime import datetime

THOUSAND, MILLION = 1_000, 1_000_000


def timecode(milliseconds: int) -> str:
    """``1:05``, ``1:02:09``: how long a video lasts, in whole seconds."""
    minutes, seconds = divmod(milliseconds // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def day(moment: datetime) -> str:
    """``3 February 2026``, in UTC."""
    return f"{moment.day} {moment:%B %Y}"


def minute(moment: datetime) -> str:
    """``3 February 2026, 14:05 UTC``."""
    return f"{day(moment)}, {moment:%H:%M} UTC"


def counted(number: int, one: str, many: str | None = None) -> str:
    """``1 view``, ``2,040 views``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
