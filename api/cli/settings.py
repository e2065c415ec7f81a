"""``playhead settings``: what is in force here, and where it came from."""

import re
from pathlib import Path
from typing import Any

import click

from adapters.settings import Settings, Variable, settings_reference, unknown_settings
from api.cli.running import data_option, settings_of
from api.cli.tables import print_table

HIDDEN = "***"
CREDENTIALS = re.compile(r"(?<=://)(?:(?!://).)*(?=@)")
"""Of each URL: all before its last ``@``, user names too, since a token of NATS stands in their place."""
PARAMETERS = re.compile(r"(\w*(?:password|passfile|token|key)\w*=)[^&]*", re.IGNORECASE)


@click.command(help="Show the settings in force, secrets hidden; fails if any makes no sense.")
@data_option
def command(data: Path | None) -> None:
    """Print one line for each setting, then what was set and means nothing."""
    settings = settings_of(data)
    print_table(("variable", "in force"), [(each.name, in_force(each, settings)) for each in settings_reference()])
    for name, meant in unknown_settings().items():
        click.echo(f"{name} is set and is no setting{f'; did you mean {meant}?' if meant else ''}", err=True)


def in_force(setting: Variable, settings: Settings) -> str:
    """The value as it may be shown."""
    value: Any = getattr(settings, setting.field)
    if not setting.secret or not value:
        return str(value)
    return PARAMETERS.sub(rf"\1{HIDDEN}", CREDENTIALS.sub(HIDDEN, value)) if "://" in value else HIDDEN
