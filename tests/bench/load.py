"""Keep-alive HTTP/1.1 over bare sockets: a client that is not the limit of what it measures."""

import asyncio
import time
from array import array
from collections.abc import Callable, Mapping
from typing import cast

from tests.bench.harness import Turn, timed

NO_HEADERS: Mapping[str, str] = {}

Answer = tuple[int, bytes]
"""Status and body."""


class Refused(Exception):
    """An answer had another status than the one expected, or did not say what it should."""


class Connection(asyncio.Protocol):
    """One connection, one request at a time; answers must have a Content-Length."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._received = bytearray()
        self._answer: asyncio.Future[Answer] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """As asyncio tells."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """As asyncio tells: part of an answer."""
        self._received += data
        end = self._received.find(b"\r\n\r\n")
        if end < 0 or self._answer is None:
            return
        head = bytes(self._received[:end]).lower()
        length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
        if len(self._received) >= end + 4 + length:
            body = bytes(self._received[end + 4 :])
            self._received.clear()
            self._answer.set_result((int(head[9:12]), body))

    def connection_lost(self, exc: Exception | None) -> None:
        """As asyncio tells."""
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(exc or ConnectionResetError("closed by the server"))

    async def ask(self, request: bytes) -> Answer:
        """Send a whole request, and wait for the whole answer."""
        assert self._transport is not None, "connected before it is asked"
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answer

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.close()


def post(path: str, body: bytes, key: str, headers: Mapping[str, str] = NO_HEADERS) -> bytes:
    """A request with a JSON body."""
    further = "".join(f"{name}: {value}\r\n" for name, value in headers.items()).encode()
    typed = b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
    return _head("POST", path, key) + further + typed + body


def get(path: str, key: str) -> bytes:
    """A request without a body."""
    return _head("GET", path, key) + b"\r\n"


def _head(method: str, path: str, key: str) -> bytes:
    return f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\n".encode()


async def crowd(port: int, clients: int, seconds: float, request: Callable[[], bytes], expected: int) -> Turn:
    """Clients that each ask, wait for the answer and ask again, at least once; raises `Refused` at another status."""
    loop, latencies = asyncio.get_running_loop(), array("d")
    connections = [(await loop.create_connection(Connection, "127.0.0.1", port))[1] for _ in range(clients)]

    async def client(connection: Connection, until: float) -> None:
        asked = time.perf_counter()
        while True:
            status, body = await connection.ask(request())
            asked = timed(latencies, asked)
            if status != expected:
                raise Refused(f"{status}: {body[:500].decode(errors='replace')}")
            if asked >= until:
                return

    try:
        began = time.perf_counter()
        await asyncio.gather(*(client(connection, began + seconds) for connection in connections))
        return Turn(len(latencies), time.perf_counter() - began, latencies)
    finally:
        for connection in connections:
            connection.close()
