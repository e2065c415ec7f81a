"""The data directory: one launcher at a time, secrets that outlive it, ports that it remembers."""

import fcntl
import secrets
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from adapters.embedded.files import flush_directory, write_private
from adapters.embedded.ports import free_port, is_free
from adapters.settings import ENDPOINTS, LAUNCHER_LOCK

SECRETS = "secrets.json"
PORTS = "ports.json"
LOCK_SECONDS = 1.0
"""How long to insist on the lock: others look at it for an instant, to see whether a launcher runs."""


class DirectoryInUse(Exception):
    """Another launcher runs on this data directory."""


def _token() -> str:
    return secrets.token_hex(24)


class Secrets(msgspec.Struct, frozen=True):
    """Made once for a data directory, and worth as much as what it holds."""

    postgres: str = msgspec.field(default_factory=_token)
    nats: str = msgspec.field(default_factory=_token)
    valkey: str = msgspec.field(default_factory=_token)
    master_key: str = msgspec.field(default_factory=lambda: secrets.token_hex(32))


class DataDirectory:
    """Mode 0700, and what is secret in it mode 0600."""

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        self.logs = self.path / "logs"

    @contextmanager
    def locked(self) -> Generator[None]:
        """Be its only launcher, from making it if need be.  Raises `DirectoryInUse`."""
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.path.chmod(0o700)
        self.logs.mkdir(exist_ok=True)
        with (self.path / LAUNCHER_LOCK).open("a") as lock:
            self._take(lock.fileno())
            yield

    def secrets(self) -> Secrets:
        """The ones it has; those it lacks are made and written down first."""
        file = self.path / SECRETS
        known = msgspec.json.decode(file.read_bytes(), type=Secrets) if file.exists() else Secrets()
        write_private(file, msgspec.json.format(msgspec.json.encode(known)).decode())
        return known

    def port(self, name: str, *, default: int | None = None, host: str = "127.0.0.1") -> int:
        """The port ``name`` had last time, else ``default``, unless something else listens there by now."""
        known = self._ports()
        wanted = known.get(name, default)
        if wanted is None or not is_free(wanted, host=host):
            wanted = free_port(besides=known.values())
        return self.remember_port(name, wanted)

    def remembered_port(self, name: str) -> int | None:
        """The port ``name`` had last time."""
        return self._ports().get(name)

    def remember_port(self, name: str, port: int) -> int:
        """Use ``port`` next time, too; returns it."""
        known = self._ports()
        if known.get(name) != port:
            write_private(self.path / PORTS, msgspec.json.encode({**known, name: port}).decode())
        return port

    def write_endpoints(self, endpoints: Mapping[str, Any]) -> None:
        """Tell other commands where everything is; see `adapters.settings.load_settings`."""
        write_private(self.path / ENDPOINTS, msgspec.json.format(msgspec.json.encode(endpoints)).decode())

    def left_endpoints(self) -> Mapping[str, Any]:
        """What the last launcher wrote and, having crashed, did not remove."""
        file = self.path / ENDPOINTS
        return msgspec.json.decode(file.read_bytes()) if file.exists() else {}

    def remove_endpoints(self) -> None:
        """Nothing is there any more."""
        (self.path / ENDPOINTS).unlink(missing_ok=True)
        flush_directory(self.path)

    def _ports(self) -> dict[str, int]:
        file = self.path / PORTS
        return msgspec.json.decode(file.read_bytes(), type=dict[str, int]) if file.exists() else {}

    def _take(self, lock: int) -> None:
        deadline = time.monotonic() + LOCK_SECONDS
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise DirectoryInUse(f"another launcher runs on {self.path}") from None
                time.sleep(0.05)
            else:
                return
