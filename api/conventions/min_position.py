"""Read your writes: ``?min_position=`` on queries."""

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Protocol

from litestar.params import QueryParameter

from adapters.composition import System
from application.ports import EventLog
from domain.kernel.errors import Invalid

FORM = re.compile(r"(?:([a-z]+):)?([0-9]{1,18})", re.ASCII)
"""18 digits fit into PostgreSQL's bigint."""

MinPosition = Annotated[
    str | None,
    QueryParameter(
        description="Answer only once this is known: the `position` that a command answered, or `<log>:<position>` for "
        "one of another log; several by comma. Waits a few seconds at most, then 503."
    ),
]


class Followed(Protocol):
    """A read model, as far as waiting for it goes."""

    @property
    def name(self) -> str:
        """As in `Positions`."""
        ...

    @property
    def logs(self) -> tuple[str, ...]:
        """Those it follows."""
        ...


class PositionInvalid(Invalid):
    """Not a position, or one of a log that this answer does not depend on."""

    code = "min_position_invalid"


class PositionNotRecorded(Invalid):
    """No command has answered this position: it lies beyond the end of its log."""

    code = "min_position_not_recorded"


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


async def positions_recorded(
    logs: Mapping[str, EventLog], min_position: str | None, of: Sequence[str]
) -> Mapping[str, int]:
    """`positions_asked`, once it is clear that all of them are recorded.

    To wait for one that is not would be to wait for somebody else.  Raises
    `PositionInvalid` and `PositionNotRecorded`.
    """
    asked = positions_asked(min_position, of)
    for log, position in asked.items():
        if position > (head := await logs[log].head()):
            raise PositionNotRecorded(f"the {log} log ends at {head}", field="min_position")
    return asked


async def until_known(system: System, min_position: str | None, *models: Followed) -> None:
    """Return once each of ``models`` knows of the positions asked for in the logs that it follows.

    Raises `PositionInvalid`, `PositionNotRecorded` and `ReadModelBehind`.
    """
    if min_position is None:
        return
    followed = list(dict.fromkeys(log for model in models for log in model.logs))
    asked = await positions_recorded(system.logs, min_position, followed)
    for model in models:
        await system.positions.wait_for(model.name, {log: asked[log] for log in model.logs if log in asked})
