"""``playhead check-api``: what the OpenAPI document says, asked in a thousand ways."""

import subprocess
import sys

import click

from api.cli.bench import PROJECT


@click.command(help="Send generated requests to every route, by two users, and hold the answers to the document.")
@click.option("--cases", type=click.IntRange(1), default=2000, show_default=True, help="About how many requests.")
@click.option("--seed", type=int, default=1, show_default=True, help="Where chance begins; the same asks the same.")
def command(cases: int, seed: int) -> None:
    """Run the check in the project, and end as it ends."""
    asked = ["--cases", str(cases), "--seed", str(seed)]
    ran = subprocess.run([sys.executable, "-m", "tests.contracts.check_api", *asked], cwd=PROJECT, check=False)  # noqa: S603 - our own module
    sys.exit(ran.returncode)
