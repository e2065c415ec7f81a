"""``playhead account``: accounts and their roles, by whoever runs the platform."""

import sys
from pathlib import Path
from uuid import UUID

import click
from rich.console import Console
from rich.table import Column, Table

from adapters.composition import System
from api.cli.platform import ask, operator
from api.cli.running import data_option
from application.actor import Actor
from application.identity.registration import Registration
from application.identity.vault import LiveSession
from domain.identity.account import Account, AccountNotFound
from domain.identity.account_events import Role
from domain.kernel.ids import uuid7

MOST = 100
"""Sessions that are listed."""

who_argument = click.argument("who", metavar="EMAIL-OR-ID")
role_argument = click.argument("role", type=click.Choice([role.value for role in Role]))


@click.group(help="Open accounts, and look after those there are.")
def command() -> None:
    """The commands on accounts."""


@command.command(
    help="Open an account; its address counts as verified.  Asks for the password, or reads it from a pipe."
)
@click.argument("email")
@click.option("--name", help="How others see them.")
@click.option("--role", type=click.Choice([role.value for role in Role]), help="What they are beside a user.")
@data_option
def create(email: str, name: str | None, role: str | None, data: Path | None) -> None:
    """Print the id of the user; an account that is there keeps its password, and gets the role."""
    asked = Registration(email=email, password=_password(), name=name)

    async def opened(system: System) -> tuple[UUID, bool]:
        by = _operator(system)
        before = await _account(system, await system.registrations.find(email, by), by)
        user_id = await system.registrations.open_verified(asked, by)
        if role:
            await system.roles.grant(user_id, Role(role), by)
        return user_id, before is not None and before.verified

    user_id, was_there = ask(data, opened)
    if was_there:
        click.echo("there was an account with this address already; its password stays as it was", err=True)
    click.echo(user_id)


@command.command(help="Let an account be something beside a user.")
@who_argument
@role_argument
@data_option
def grant(who: str, role: str, data: Path | None) -> None:
    """Grant; sessions that are open have it within two seconds."""

    async def granted(system: System) -> None:
        by = _operator(system)
        await system.roles.grant(await _found(system, who, by), Role(role), by)

    ask(data, granted)
    click.echo(f"{who} is {role}")


@command.command(help="Take a role away.")
@who_argument
@role_argument
@data_option
def revoke(who: str, role: str, data: Path | None) -> None:
    """Revoke; sessions that are open lose it within two seconds."""

    async def revoked(system: System) -> None:
        by = _operator(system)
        await system.roles.revoke(await _found(system, who, by), Role(role), by)

    ask(data, revoked)
    click.echo(f"{who} is not {role}")


@command.command(help="List where somebody is signed in.")
@who_argument
@data_option
def sessions(who: str, data: Path | None) -> None:
    """Print a table, the session opened last first."""

    async def found(system: System) -> list[LiveSession]:
        by = _operator(system)
        user_id = await _found(system, who, by)
        return list(await system.sessions.of(by, user_id=user_id, limit=MOST))

    table = Table(Column("session", no_wrap=True), "kind", "opened", "last used", "ends")
    for session in ask(data, found):
        ends = min(session.idle_at, session.expires_at)
        times = (f"{moment:%Y-%m-%d %H:%M}" for moment in (session.opened_at, session.seen_at, ends))
        table.add_row(str(session.session_id), session.kind, *times)
    Console().print(table)


@command.command("sign-out", help="End every session of somebody.")
@who_argument
@data_option
def sign_out(who: str, data: Path | None) -> None:
    """Sign out everywhere, within two seconds."""

    async def signed_out(system: System) -> None:
        by = _operator(system)
        await system.sessions.sign_out_everywhere(await _found(system, who, by), by)

    ask(data, signed_out)
    click.echo(f"{who} is signed out everywhere")


def _operator(system: System) -> Actor:
    return operator("account", uuid7(system.clock()))


def _password() -> str:
    """From the terminal, twice; or the first line of a pipe.  Never from an argument, which others could list."""
    if sys.stdin.isatty():
        return click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    return sys.stdin.readline().rstrip("\r\n")


async def _found(system: System, who: str, by: Actor) -> UUID:
    try:
        return UUID(who)
    except ValueError:
        user_id = await system.registrations.find(who, by)
    if user_id is None:
        raise AccountNotFound("no account has this address")
    return user_id


async def _account(system: System, user_id: UUID | None, by: Actor) -> Account | None:
    try:
        return (await system.accounts.account(user_id, by))[0] if user_id else None
    except AccountNotFound:
        return None
