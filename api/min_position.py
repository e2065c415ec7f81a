"""Read your writes: ``?min_position=`` on queries."""

import re
from collections.abc import Mapping, Sequence

from domain.kernel.errors import Invalid

FORM = re.compile(r"(?:([a-z]+):)?([0-9]{1,18})", re.ASCII)
"""18 digits fit into PostgreSQL's bigint."""

DESCRIPTION = (
    "Answer only once the read model knows of this position: the `position` that a command answered, or "
    "`<log>:<position>` for one of another log; several by comma. Waits a few seconds at most, then 503."
)


class PositionInvalid(Invalid):
    """Not a position, or one of a log that this answer does not depend on."""

    code = "min_position_invalid"


def positions_asked(min_position: str | None, logs: Sequence[str]) -> Mapping[str, int]:
    """The positions by log, from ``123``, ``engagement:123`` or ``catalog:7,engagement:123``.

    A number by itself speaks of the first of ``logs``, which are those that the
    answer depends on.  Raises `PositionInvalid`.
    """
    asked: dict[str, int] = {}
    for part in min_position.split(",") if min_position is not None else ():
        if (said := FORM.fullmatch(part)) is None:
            raise PositionInvalid("a position is a whole number, or <log>:<number>", field="min_position")
        log = said[1] or logs[0]
        if log not in logs:
            raise PositionInvalid(f"this answer depends on {' and '.join(logs)} only", field="min_position")
        asked[log] = max(int(said[2]), asked.get(log, 0))
    return asked
