"""``./playhead``, or ``python -m api.cli``."""

import click

from api.cli.commands import LazyGroup


@click.command(
    cls=LazyGroup,
    help="The event-sourced backend of a creator-video platform.",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
def playhead() -> None:
    """What all commands have in common: nothing yet."""


if __name__ == "__main__":
    playhead(prog_name="playhead")
