"""What ``playhead`` can be told to do.

A command is a module with a `click.Command` named ``command``, and a line in
`COMMANDS`.  The table holds the line of help as well, so that neither ``--help``
nor any command imports the others: one that only prints a key should not wait
for numpy.
"""

from collections.abc import Mapping
from importlib import import_module

import click
import msgspec


class Entry(msgspec.Struct, frozen=True):
    """Where a command is, and what it does in half a line."""

    module: str
    help: str


COMMANDS: Mapping[str, Entry] = {
    "up": Entry("api.cli.up", "Start everything on this machine, and keep it running."),
    "migrate": Entry("api.cli.migrate", "Bring the database up to this version of the code."),
    "worker": Entry("api.cli.worker", "Run workers in the foreground."),
    "import": Entry("api.cli.import_", "Import history files."),
    "demo": Entry("api.cli.demo", "Fill the platform with an example."),
    "account": Entry("api.cli.account", "Open accounts, and look after those there are."),
    "api-key": Entry("api.cli.api_key", "Make and revoke API keys."),
    "subject": Entry("api.cli.subject", "Show or forget what is held about a person."),
    "mails": Entry("api.cli.mails", "Look at mails that are owed, and try one again."),
    "projections": Entry("api.cli.projections", "Look at read models."),
    "settings": Entry("api.cli.settings", "Show the settings in force, secrets hidden."),
    "docs": Entry("api.cli.docs", "Write, build and show the documentation."),
    "bench": Entry("api.cli.bench", "Measure how fast it is on this machine."),
    "check-api": Entry("api.cli.check_api", "Check the API against its own document, by generated requests."),
    "test": Entry("api.cli.test", "Run the tests of the project."),
}


class LazyGroup(click.Group):
    """A group that imports a command when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - as click calls it
        """The names, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - as click calls it
        """The command, imported now; none for a name that is not in the table."""
        if (entry := COMMANDS.get(cmd_name)) is None:
            return None
        command: click.Command = import_module(entry.module).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - as click calls it
        """The lines of help, out of the table."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.help) for name, entry in COMMANDS.items()])
