"""The commands, as their own help tells them."""

from collections.abc import Iterator

import click

from api.cli.__main__ import playhead
from api.cli.commands import COMMANDS
from api.documents.markdown import page

INTRODUCTION = """\
`./playhead` makes its environment on the first run, and then runs one of these. A command answers on standard output,
and says what it has to say besides on standard error; it ends with 0 if it did what it was asked to, with 1 if it
could not, with 2 if it was asked wrongly. Those that need a platform find the one that runs on `--data`, or the
servers that the settings name.
"""
WIDTH = 100


def rendered() -> str:
    """The page."""
    return page("Commands", INTRODUCTION, *(part for name in COMMANDS for part in _command(name)))


def _command(name: str) -> Iterator[str]:
    top = click.Context(playhead, info_name="./playhead", **playhead.context_settings)
    if (command := playhead.get_command(top, name)) is None or command.context_settings.get("help_option_names") == []:
        yield f"## {name}\n\n{COMMANDS[name].help}"  # all that follows it is another program's
        return
    yield from _help(command, top, name, "##")


def _help(command: click.Command, parent: click.Context, name: str, heading: str) -> Iterator[str]:
    context = click.Context(command, info_name=name, parent=parent, max_content_width=WIDTH, terminal_width=WIDTH)
    title = context.command_path.removeprefix("./playhead ")
    yield f"{heading} {title}\n\n```text\n{command.get_help(context)}\n```"
    if isinstance(command, click.Group):
        for each in command.list_commands(context):
            if (inner := command.get_command(context, each)) is not None:
                yield from _help(inner, context, each, f"{heading}#")
