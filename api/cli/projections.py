"""``playhead projections``: what read models there are, and how far each has come."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path

import click
import msgspec

from adapters.composition import System
from api.cli.platform import ask
from api.cli.running import data_option
from api.cli.tables import print_table

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


class Listed(msgspec.Struct, frozen=True):
    """One version of a read model; readers are answered by the one whose state is ``live``."""

    name: str
    version: int
    state: str
    logs: Sequence[str]


class Progress(msgspec.Struct, frozen=True):
    """How far one version has come along one log.

    ``head`` is the last position of the log and ``lag`` what is missing to it;
    ``moved_at`` is when the position last changed.
    """

    name: str
    version: int
    state: str
    log: str
    position: int
    head: int
    lag: int
    moved_at: datetime


@click.group(help="Look at read models.")
def command() -> None:
    """The commands on read models."""


@command.command("list", help="Which read models there are, and in which versions.")
@data_option
@json_option
def list_(data: Path | None, as_json: bool) -> None:  # noqa: FBT001 - click passes flags so
    """One line for each version."""
    found = ask(data, listed)
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
    else:
        print_table(
            ("NAME", "VERSION", "STATE", "LOGS"), [(m.name, m.version, m.state, ",".join(m.logs)) for m in found]
        )


@command.command(help="How far each read model has come along each log, and what is missing.")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@data_option
@json_option
def status(names: tuple[str, ...], data: Path | None, as_json: bool) -> None:  # noqa: FBT001 - click passes flags so
    """One line for each version and log."""
    found, now = ask(data, progress)
    if unknown := set(names) - {each.name for each in found}:
        raise click.ClickException(f"there is no read model {min(unknown)}: see ./playhead projections list")
    found = [each for each in found if not names or each.name in names]
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
    else:
        headings = ("NAME", "VERSION", "STATE", "LOG", "POSITION", "HEAD", "LAG", "MOVED")
        print_table(headings, [(*_cells(each), f"{_span(now - each.moved_at)} ago") for each in found])


async def listed(system: System) -> Sequence[Listed]:
    """Every version of every read model, by name."""
    standings = await system.positions.standings()
    return [
        Listed(*version, [each.log for each in along])
        for version, along in groupby(standings, key=lambda each: (each.name, each.version, each.state))
    ]


async def progress(system: System) -> tuple[Sequence[Progress], datetime]:
    """Every version along every log, by name, and the moment this was so.

    Heads are asked after positions, so a lag is never below zero.
    """
    standings = await system.positions.standings()
    heads = {name: await log.head() for name, log in system.logs.items()}
    found = [
        Progress(
            each.name,
            each.version,
            each.state,
            each.log,
            each.position,
            heads[each.log],
            heads[each.log] - each.position,
            each.moved_at,
        )
        for each in standings
        if each.log in heads
    ]
    return found, system.clock()


def _cells(each: Progress) -> tuple[str | int, ...]:
    return each.name, each.version, each.state, each.log, each.position, each.head, each.lag


def _span(span: timedelta) -> str:
    """``span`` in its largest unit, rounded down."""
    seconds = max(0, int(span.total_seconds()))
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= length:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"
