"""``playhead migrate``: the database, brought up to the code."""

from pathlib import Path

import click

from adapters.composition import prepare
from api.cli.platform import answer
from api.cli.running import data_option, running_settings


@click.command(help="Bring the database up to this version of the code; may be run again.")
@data_option
def command(data: Path | None) -> None:
    """Apply migrations, install read models, and name what was new."""
    settings = running_settings(data)
    applied = answer(prepare(settings), settings)
    for name in applied:
        click.echo(f"applied {name}")
    if not applied:
        click.echo("the database is up to date")
