"""Ports on the loopback interface."""

import secrets
import socket
from collections.abc import Collection, Iterable, Mapping
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


def keep_or_choose(names: Iterable[str], known: Mapping[str, int]) -> dict[str, int]:
    """The port that each of ``names`` is known to have, or another one where something else listens there by now."""
    chosen = dict[str, int]()
    for name in names:
        port = known.get(name)
        if port is None or not is_free(port):
            port = free_port(besides={*known.values(), *chosen.values()})
        chosen[name] = port
    return chosen


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
