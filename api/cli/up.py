"""``playhead up``: everything, on this machine."""

import asyncio
import time
from contextlib import suppress
from pathlib import Path

import click

from adapters.embedded.directory import DataDirectory, DirectoryInUse
from adapters.embedded.launcher import Launcher, Plan
from adapters.embedded.ports import PortTaken
from adapters.embedded.program import Child
from adapters.embedded.service import CannotStart
from adapters.settings import Settings, unknown_settings
from api.cli.running import data_option, settings_of

MIGRATE = Child(name="migrate", arguments=("-m", "api.cli", "migrate"))
DEMO = Child(name="demo", arguments=("-m", "api.cli", "demo"))


def worker(name: str) -> Child:
    """A process that follows the logs, and answers at a port of its own how it is."""
    return Child(name=name, arguments=("-m", "workers", name), health_path="/livez", own_port=True)


CHILDREN = (
    Child(name="api", arguments=("-m", "api"), health_path="/livez"),
    worker("projections"),
    worker("recommendations"),
    worker("reactors"),
)
"""What runs as long as the platform does, in the order in which it is started."""


@click.command(help="Start the servers, the API and the workers, and keep them running until Ctrl-C.")
@data_option
@click.option("--port", type=click.IntRange(1, 65535), envvar="PLAYHEAD_PORT", help="Port of the API.  [default: 8000]")
@click.option("--demo", is_flag=True, help="Fill it with an example once it serves.")
def command(data: Path | None, port: int | None, demo: bool) -> None:  # noqa: FBT001 - click passes flags so
    """Start the platform that this project is."""
    plan = Plan(before=(MIGRATE,), children=CHILDREN, afterwards=(DEMO,) if demo else (), port=port or 0)
    run_or_explain(plan, settings_of(data))


def run_or_explain(plan: Plan, settings: Settings) -> None:
    """Run the plan until a signal ends it; ends the command with one line if it cannot be run here."""
    try:
        run(plan, settings)
    except (CannotStart, DirectoryInUse, PortTaken) as problem:
        raise click.ClickException(str(problem)) from problem
    except OSError as problem:
        raise click.ClickException(f"{problem.filename}: {problem.strerror}") from problem


def run(plan: Plan, settings: Settings) -> None:
    """Run the plan, telling what happens on standard output."""
    directory = DataDirectory(settings.data_directory)
    with directory.locked():
        launcher = Launcher(plan, settings, directory, say)
        for variable, meant in unknown_settings().items():
            say("settings", f"{variable} is set and is no setting{f'; did you mean {meant}?' if meant else ''}")
        began = time.monotonic()

        def serving() -> None:
            say("playhead", f"serves at {launcher.url} after {time.monotonic() - began:.1f} s; Ctrl-C stops it")
            if not settings.smtp_url:
                say(
                    "playhead",
                    f"no mail server is set: mails lie in {settings.mail_folder}, shown at {launcher.url}/mails",
                )
            say("playhead", f"data in {directory.path}, logs in {directory.logs}")

        asyncio.run(launcher.run(serving))
        say("playhead", "stopped")


def say(subject: str, happened: str) -> None:
    """One line, at once; in colours on a terminal."""
    with suppress(OSError):  # nobody reads on: a terminal that has gone is no reason for the platform to go
        click.secho(time.strftime("%H:%M:%S "), dim=True, nl=False)
        click.secho(f"{subject:<16}", bold=True, nl=False)
        click.echo(happened)
