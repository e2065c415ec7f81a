"""``playhead check-api``: what the OpenAPI document says, asked in a thousand ways."""

import subprocess
import sys

import click

from api.cli.bench import PROJECT


@click.command(
    context_settings={"ignore_unknown_options": True, "help_option_names": []},
    help="Check the API against its own document: --cases, --seed.",
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def command(arguments: tuple[str, ...]) -> None:
    """Run the check in the project, and end as it ends."""
    ran = subprocess.run([sys.executable, "-m", "tests.contracts.check_api", *arguments], cwd=PROJECT, check=False)  # noqa: S603 - our own module
    sys.exit(ran.returncode)
