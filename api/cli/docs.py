"""``playhead docs``: the documentation, generated, built, shown."""

import subprocess
import sys
from pathlib import Path

import click

PROJECT = Path(__file__).resolve().parents[2]


@click.group(help="Write, build and show the documentation.")
def command() -> None:
    """What follows works in a checkout, where the documents are."""


@command.command(help="Write those pages anew that come out of the code.")
@click.option("--check", is_flag=True, help="Write nothing; fail if one is stale.")
def generate(check: bool) -> None:  # noqa: FBT001 - click passes flags so
    """Name what was written, or is stale."""
    from api.documents import pages  # noqa: PLC0415 # imports all that it describes

    named = pages.stale() if check else pages.generate()
    for path in named:
        click.echo(f"{'stale' if check else 'written'}: docs/{path}")
    sys.exit(1 if check and named else 0)


@command.command(help="Leave the site in site/; a link that leads nowhere fails it.")
def build() -> None:
    """Build, and end as the builder ends."""
    _mkdocs("build", "--clean", "--quiet")


@command.command(help="Show the site on this machine, and follow changes.")
@click.option("--port", type=click.IntRange(1, 65535), default=8008, show_default=True, help="Where to listen.")
def serve(port: int) -> None:
    """Serve until Ctrl-C."""
    _mkdocs("serve", "--dev-addr", f"127.0.0.1:{port}")


def _mkdocs(*arguments: str) -> None:
    ran = subprocess.run([sys.executable, "-m", "mkdocs", *arguments], cwd=PROJECT, check=False)  # noqa: S603 - our own arguments
    sys.exit(ran.returncode)
