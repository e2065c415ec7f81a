"""``playhead subject``: what is held about a person, shown or forgotten."""

import sys
from pathlib import Path
from uuid import UUID

import click

from adapters.composition import System
from api.cli.platform import ask, operator
from api.cli.running import data_option
from application.repository import Receipt
from domain.kernel.ids import uuid7

TOLD_EVERY = 256 * 1024
"""Bytes between two words of progress."""


@click.group(help="Show or forget what is held about a person.")
def command() -> None:
    """The commands on people, as those whom data is about."""


@command.command(help="Write everything that is held about a user, as one JSON document.")
@click.argument("user_id", type=click.UUID, metavar="ID")
@data_option
def export(user_id: UUID, data: Path | None) -> None:
    """The document goes to standard output piece by piece, progress to standard error."""

    async def written(system: System) -> int:
        size = told = 0
        pieces = await system.subjects.export(user_id, operator("subject", uuid7(system.clock())))
        async for piece in pieces:
            sys.stdout.buffer.write(piece)
            size += len(piece)
            if size - told > TOLD_EVERY and sys.stderr.isatty():
                told = size
                click.echo(f"\r{size / 1e6:.1f} MB", err=True, nl=False)
        sys.stdout.buffer.flush()
        return size

    click.echo(f"{ask(data, written):,} bytes", err=True)


@command.command(help="Forget a user, for good; asks for the id again, so that no slip of the hand does it.")
@click.argument("user_id", type=click.UUID, metavar="ID")
@click.option("--yes", is_flag=True, help="Do not ask: for scripts.")
@data_option
def erase(user_id: UUID, yes: bool, data: Path | None) -> None:  # noqa: FBT001 - click passes flags so
    """Return once it is done."""
    if not yes and click.prompt(f"This cannot be undone. Type the id to erase {user_id}", err=True) != str(user_id):
        raise click.ClickException("that is another id: nothing was erased")

    async def erased(system: System) -> Receipt:
        return await system.subjects.erase(user_id, operator("subject", uuid7(system.clock())))

    receipt = ask(data, erased)
    click.echo(f"erased {user_id}, recorded at position {receipt.position} of the identity log")
