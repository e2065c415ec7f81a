"""``playhead test``: the project's own tests."""

import subprocess
import sys
from pathlib import Path

import click

PROJECT = Path(__file__).resolve().parents[2]


@click.command(
    context_settings={"ignore_unknown_options": True, "help_option_names": []},
    help="Run the tests of the project; arguments are pytest's.",
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def command(arguments: tuple[str, ...]) -> None:
    """Run pytest in the project, and end as it ends."""
    ran = subprocess.run([sys.executable, "-m", "pytest", *arguments], cwd=PROJECT, check=False)  # noqa: S603 - pytest's own arguments
    sys.exit(ran.returncode)
