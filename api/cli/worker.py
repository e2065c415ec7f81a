"""``playhead worker``: workers in the foreground, for a platform whose parts run apart."""

import os
import sys
from pathlib import Path

import click

from api.cli.running import data_option, running_settings

PROJECT = Path(__file__).resolve().parents[2]


@click.command(help="Run the workers that are named, in the foreground: projections, recommendations.")
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@data_option
def command(names: tuple[str, ...], data: Path | None) -> None:
    """Become the worker process, so that signals and the exit status are its own."""
    settings = running_settings(data)
    os.putenv("PYTHONPATH", str(PROJECT))
    words = [sys.executable, "-P", "-m", "workers", "--data", str(settings.data_directory), *names]
    os.execv(sys.executable, words)  # noqa: S606 - our own module; no shell is wanted
