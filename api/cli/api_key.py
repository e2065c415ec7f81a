"""``playhead api-key``: keys made and revoked by whoever runs the platform."""

import re
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import click

from adapters.composition import System
from api.cli.platform import ask, operator
from api.cli.running import data_option
from application.identity.api_keys import IssueApiKey, IssuedApiKey
from application.repository import Receipt
from domain.identity.api_key import Scope
from domain.kernel.ids import uuid7

UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
LONGEST = timedelta(weeks=100 * 52)


class Lifetime(click.ParamType[timedelta]):
    """A number and a unit, as ``90m``, ``12h``, ``30d``, ``4w``."""

    name = "lifetime"

    def convert(self, value: str | timedelta, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """The lifetime; at least a minute, at most a hundred years."""
        if isinstance(value, timedelta):
            return value
        if not (written := re.fullmatch(r"([1-9]\d{0,6})([mhdw])", value)):
            self.fail(f"{value!r} is not a number and a unit, as 90m, 12h, 30d or 4w", param, ctx)
        lifetime = timedelta(**{UNITS[written[2]]: int(written[1])})
        if lifetime > LONGEST:
            self.fail(f"{value!r} is longer than a hundred years; a key without --expires never ends", param, ctx)
        return lifetime


@click.group(help="Make and revoke API keys.")
def command() -> None:
    """The commands on keys."""


@command.command(help="Make a key and print it; it is shown this once.")
@click.option("--scope", required=True, type=click.Choice([each.value for each in Scope]), help="What the key opens.")
@click.option("--user", "user_id", type=click.UUID, metavar="ID", help="Whom a key of scope user acts for.")
@click.option("--label", default="made on the command line", show_default=True, help="What the key is for.")
@click.option("--expires", type=Lifetime(), metavar="30d", help="How long it opens anything.  [default: for ever]")
@data_option
def create(scope: str, user_id: UUID | None, label: str, expires: timedelta | None, data: Path | None) -> None:
    """Print the key, and nothing else, on standard output; its id goes to standard error."""

    async def issued(system: System) -> IssuedApiKey:
        now = system.clock()
        asked = IssueApiKey(
            scope=Scope(scope), label=label, user_id=user_id, expires_at=now + expires if expires else None
        )
        return await system.api_keys.issue(asked, by=operator("api-key", uuid7(now)))

    made = ask(data, issued)
    click.echo(made.key)
    click.echo(f"key {made.key_id} of scope {scope}; to close it: ./playhead api-key revoke {made.key_id}", err=True)


@command.command(help="Close a key for good, by its id.")
@click.argument("key_id", type=click.UUID, metavar="ID")
@data_option
def revoke(key_id: UUID, data: Path | None) -> None:
    """Revoke; a key that is revoked already stays so."""

    async def revoked(system: System) -> Receipt:
        return await system.api_keys.revoke(key_id, by=operator("api-key", uuid7(system.clock())))

    ask(data, revoked)
    click.echo(f"revoked {key_id}")
