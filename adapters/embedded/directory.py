"""The data directory: one launcher at a time, secrets that outlive it, ports that it remembers."""

import fcntl
import secrets
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from adapters.embedded.files import write_private
from adapters.launched import ENDPOINTS, LAUNCHER_LOCK

SECRETS = "secrets.json"
PORTS = "ports.json"
LOCK_SECONDS = 1.0
"""How long to insist on the lock: others look at it for an instant, to see whether a launcher runs."""


class DirectoryInUse(Exception):
    """Another launcher runs on this data directory."""


def _token() -> str:
    return secrets.token_hex(24)


def _json(value: object) -> str:
    return msgspec.json.format(msgspec.json.encode(value)).decode()


class Secrets(msgspec.Struct, frozen=True):
    """Made once for a data directory, and worth as much as what it holds."""

    postgres: str = msgspec.field(default_factory=_token)
    postgres_application: str = msgspec.field(default_factory=_token)
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
        """The ones it has; those it lacks are made, and written down first."""
        file = self.path / SECRETS
        written = file.read_bytes() if file.exists() else b"{}"
        known = msgspec.json.decode(written, type=Secrets)
        if msgspec.to_builtins(known) != msgspec.json.decode(written):
            write_private(file, _json(known), durably=True)
        return known

    def ports(self) -> dict[str, int]:
        """The ports in use last time, by name."""
        file = self.path / PORTS
        return msgspec.json.decode(file.read_bytes(), type=dict[str, int]) if file.exists() else {}

    def remember_ports(self, ports: Mapping[str, int]) -> None:
        """Use these next time, too."""
        if ports != self.ports():
            write_private(self.path / PORTS, _json(ports), durably=True)

    def write_endpoints(self, endpoints: Mapping[str, Any]) -> None:
        """Tell other commands where everything is; see `adapters.settings.load_settings`."""
        write_private(self.path / ENDPOINTS, _json(endpoints))

    def left_endpoints(self) -> Mapping[str, Any]:
        """What the last launcher wrote and, having crashed, did not remove."""
        file = self.path / ENDPOINTS
        return msgspec.json.decode(file.read_bytes()) if file.exists() else {}

    def remove_endpoints(self) -> None:
        """Nothing is there any more."""
        (self.path / ENDPOINTS).unlink(missing_ok=True)

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
