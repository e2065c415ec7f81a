"""Ports on the loopback interface."""

import secrets
import socket
from collections.abc import Collection
from pathlib import Path

LOWEST = 15_000
EPHEMERAL_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
ATTEMPTS = 200


class PortTaken(Exception):
    """Something else listens where a server should; the message names the port and the fix."""


def free_port(*, besides: Collection[int] = ()) -> int:
    """A port that nothing listens on, and none of ``besides``.

    Below the ports that the kernel lends to outgoing connections: one of those
    could be in use by any client at the moment when its server starts again.
    """
    first_ephemeral = int(EPHEMERAL_RANGE.read_text().split()[0])
    span = max(first_ephemeral - LOWEST, 1_000)
    for _ in range(ATTEMPTS):
        port = LOWEST + secrets.randbelow(span)
        if port not in besides and is_free(port):
            return port
    raise PortTaken(f"no free port between {LOWEST} and {LOWEST + span}")


def is_free(port: int, *, host: str = "127.0.0.1") -> bool:
    """Whether a server could listen there now; connections that linger after an earlier one do not matter."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
        except OSError:
            return False
        return True
