"""Everything that differs between machines, read once and checked at start."""

import fcntl
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta

ENDPOINTS = "endpoints.json"
"""What a launcher writes into its data directory: the settings that reach what it runs, mode 0600."""

LAUNCHER_LOCK = "launcher.lock"
"""Held by a launcher as long as it runs on the data directory; what a dead one has written counts for nothing."""


class SettingsInvalid(Exception):
    """A setting is missing or makes no sense; the message names the variable and the fix."""


def _variable(field: str) -> str:
    return f"PLAYHEAD_{field.upper()}"


class Settings(msgspec.Struct, frozen=True, kw_only=True, rename=_variable):
    """``PLAYHEAD_*``, from the environment first and from a running launcher's data directory else.

    ``milvus_token`` is ``user:password`` or an API key, where Milvus asks for one.
    ``master_key`` is 64 hex digits: the key that wraps the keys of subjects.
    ``writer_queue`` counts events that may wait for their commit.
    ``read_your_writes_seconds`` bounds how long a query waits for ``min_position``.
    """

    data: str = ""
    postgres_url: str = ""
    nats_url: str = ""
    redis_url: str = ""
    milvus_uri: str = ""
    milvus_token: str = ""
    master_key: str = ""
    host: str = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535)] = 8000
    metrics_port: Annotated[int, Meta(ge=0, le=65535)] = 0
    log_level: str = "info"
    writer_queue: Annotated[int, Meta(ge=1)] = 20_000
    read_your_writes_seconds: Annotated[float, Meta(gt=0, le=60)] = 5.0

    @property
    def data_directory(self) -> Path:
        """Where embedded servers keep their files; by default under the user's data directory (XDG)."""
        return Path(self.data) if self.data else default_data_directory()


def default_data_directory() -> Path:
    """``$XDG_DATA_HOME/playhead``, by default ``~/.local/share/playhead``."""
    root = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share"
    return Path(root) / "playhead"


def load_settings(environment: Mapping[str, str] = os.environ, *, data: Path | None = None) -> Settings:
    """The settings in force.

    ``data`` (the ``--data`` option) wins over ``PLAYHEAD_DATA``; the variables
    win over what the launcher of that data directory wrote.  Raises
    `SettingsInvalid`.
    """
    given = {name: value for name, value in environment.items() if name.startswith("PLAYHEAD_") and value}
    if data is not None:
        given["PLAYHEAD_DATA"] = str(data)
    directory = Path(given.get("PLAYHEAD_DATA") or default_data_directory())
    return _checked({**_endpoints(directory), "PLAYHEAD_DATA": str(directory), **given})


def _endpoints(directory: Path) -> dict[str, str]:
    if not launcher_runs(directory):
        return {}
    try:
        written: dict[str, str] = json.loads((directory / ENDPOINTS).read_bytes())["settings"]
    except FileNotFoundError:
        return {}
    return written


def launcher_runs(directory: Path) -> bool:
    """Whether a launcher holds the data directory at this moment."""
    try:
        with (directory / LAUNCHER_LOCK).open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def _checked(given: Mapping[str, Any]) -> Settings:
    try:
        return msgspec.convert(dict(given), type=Settings, strict=False)
    except msgspec.ValidationError as wrong:
        raise SettingsInvalid(str(wrong)) from wrong
