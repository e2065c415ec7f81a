"""What a running launcher lets others know: that it runs on a data directory, and the settings that lead there."""

import fcntl
import json
from pathlib import Path

ENDPOINTS = "endpoints.json"
"""What a launcher writes into its data directory: the settings that reach what it runs, mode 0600."""

LAUNCHER_LOCK = "launcher.lock"
"""Held by a launcher as long as it runs on the data directory; what a dead one has written counts for nothing."""


def launched_settings(directory: Path) -> dict[str, str]:
    """The settings, by variable, of the platform that runs on the directory; none if there is none."""
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
