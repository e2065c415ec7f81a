"""What commands share that talk to a running platform: the option that says which, and its settings."""

from pathlib import Path

import click

from adapters.settings import Settings, SettingsInvalid, load_settings

data_option = click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="PLAYHEAD_DATA",
    help="Data directory of the platform.  [default: ~/.local/share/playhead, or $PLAYHEAD_DATA]",
)


def settings_of(data: Path | None) -> Settings:
    """The settings in force for ``data``.  Ends the command with one line if they cannot be read or make no sense."""
    try:
        return load_settings(data=data)
    except SettingsInvalid as wrong:
        raise click.ClickException(str(wrong)) from wrong
    except OSError as problem:  # such as of a directory that is another user's
        raise click.ClickException(f"{problem.filename}: {problem.strerror}") from problem


def running_settings(data: Path | None) -> Settings:
    """The settings that reach a running platform.  Ends the command with one line if there is none."""
    settings = settings_of(data)
    if not settings.postgres_url:
        directory = settings.data_directory
        raise click.ClickException(
            f"no platform is running on {directory}: start it with `./playhead up --data {directory}`"
        )
    return settings
