"""Ports on the loopback interface."""

import socket


class PortTaken(Exception):
    """Something else listens on the port that was asked for."""


def free_port() -> int:
    """A port that nothing listens on at this moment."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port: int = trial.getsockname()[1]
        return port


def is_free(port: int, *, host: str = "127.0.0.1") -> bool:
    """Whether a server could listen there now; connections that linger after an earlier one do not matter."""
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
        except OSError:
            return False
        return True
