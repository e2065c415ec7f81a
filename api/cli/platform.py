"""Asks a running platform something on behalf of a command, and says in one line what kept it from answering."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import click
from psycopg import OperationalError, ProgrammingError
from psycopg.conninfo import conninfo_to_dict
from psycopg.errors import UndefinedTable

from adapters.composition import System, compose
from adapters.logs import configure_logs
from adapters.settings import Settings, SettingsInvalid
from api.cli.running import running_settings
from application.actor import Actor, Call
from application.ports import LogBusy, LogUnavailable
from application.tracing import begun
from domain.identity.api_key import Scope
from domain.kernel.errors import Refusal

T = TypeVar("T")


def ask(data: Path | None, question: Callable[[System], Awaitable[T]]) -> T:
    """The answer of the platform that ``data`` and the environment lead to."""
    settings = running_settings(data)
    return answer(_composed(settings, question), settings)


def answer(question: Coroutine[Any, Any, T], settings: Settings) -> T:
    """What ``question`` returns; ends the command with one line if it is refused or the database is out of reach.

    Logs of the commands that use this begin at warnings: they answer for themselves.
    """
    place = _place(settings)
    configure_logs("warning")
    logging.getLogger("psycopg.pool").setLevel(logging.CRITICAL)  # every attempt in vain, which one line below sums up
    try:
        return asyncio.run(question)
    except (SettingsInvalid, Refusal) as refused:
        raise click.ClickException(str(refused)) from refused
    except UndefinedTable as absent:
        raise click.ClickException("the database is not set up yet: run ./playhead migrate first") from absent
    except BrokenPipeError:  # whoever reads the answer has had enough: click ends in silence then
        raise
    except OSError as failure:
        raise click.ClickException(str(failure)) from failure
    except (OperationalError, LogBusy, LogUnavailable) as failure:
        reason = " ".join(str(failure).split())
        raise click.ClickException(f"PostgreSQL at {place} cannot be reached: {reason}") from failure


async def _composed(settings: Settings, question: Callable[[System], Awaitable[T]]) -> T:
    async with compose(settings) as system:
        return await question(system)


def _place(settings: Settings) -> str:
    """Where the database should be; the rest of the URL may hold a password."""
    try:
        told = conninfo_to_dict(settings.postgres_url)
    except ProgrammingError as wrong:
        raise click.ClickException("PLAYHEAD_POSTGRES_URL is not a URL of PostgreSQL: postgresql://…") from wrong
    return f"{told.get('host', 'localhost')}:{told.get('port', '5432')}"


def operator(command: str, request: UUID) -> Actor:
    """Who runs a command on the machine: an admin, known to facts as ``operator:<command>``.

    Whoever can read the settings could write the database itself.
    """
    return Actor(id=f"operator:{command}", scope=Scope.ADMIN, call=Call(id=request, traceparent=begun().traceparent))
