"""``playhead bench``: how fast it is, measured on this machine."""

import subprocess
import sys
from pathlib import Path

import click

PROJECT = Path(__file__).resolve().parents[2]
BENCHES = ("append", "http", "ingest", "project", "recommend")


@click.command(
    no_args_is_help=True,
    context_settings={"ignore_unknown_options": True},
    help="Measure one part on this machine; further arguments are the measurement's own.",
)
@click.argument("name", type=click.Choice(BENCHES))
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def command(name: str, arguments: tuple[str, ...]) -> None:
    """Run the measurement in the project, and end as it ends."""
    ran = subprocess.run([sys.executable, "-m", f"tests.bench.{name}", *arguments], cwd=PROJECT, check=False)  # noqa: S603 - our own module
    sys.exit(ran.returncode)
