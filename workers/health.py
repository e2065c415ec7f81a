"""A worker's answers to those who watch over it: ``/livez``, ``/readyz``, ``/metrics``; as much HTTP as that takes.

Whoever can reach the port may ask: it belongs on the loopback interface, or on
a network of one's own.
"""

import asyncio
import contextlib
from http import HTTPStatus

import msgspec
from prometheus_client import generate_latest

from application.readiness import Readiness, Watch
from workers.vitals import VITALS, Sign

REQUEST_SECONDS = 5.0
"""A request that has not come by then is not waited for."""

TEXT = "text/plain; version=0.0.4; charset=utf-8"
JSON = "application/json"

Answer = tuple[HTTPStatus, str, bytes]


class Alive(msgspec.Struct, frozen=True):
    """Whether to let the process live: not if a follower ``hung``."""

    status: str
    hung: tuple[str, ...] = ()


class WorkerReadiness(Readiness, frozen=True):
    """What the process depends on, and how each of its followers is."""

    followers: dict[str, Sign]


class Health:
    """What is answered, whoever asks."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch

    async def answer(self, path: str) -> Answer:
        """The status, media type and body for a path."""
        match path:
            case "/livez":
                return self._alive()
            case "/readyz":
                return await self._ready()
            case "/metrics":
                return HTTPStatus.OK, TEXT, generate_latest()
            case _:
                return HTTPStatus.NOT_FOUND, JSON, b'{"status":"not found"}'

    def _alive(self) -> Answer:
        if hung := VITALS.hung():
            return HTTPStatus.SERVICE_UNAVAILABLE, JSON, msgspec.json.encode(Alive("hung", tuple(hung)))
        return HTTPStatus.OK, JSON, msgspec.json.encode(Alive("alive"))

    async def _ready(self) -> Answer:
        readiness, followers = await self._watch.readiness(), VITALS.signs()
        status = readiness.status
        if status == "ready" and any(sign.status != "following" for sign in followers.values()):
            status = "degraded"
        known = WorkerReadiness(status, readiness.checks, followers)
        code = HTTPStatus.OK if known.serves else HTTPStatus.SERVICE_UNAVAILABLE
        return code, JSON, msgspec.json.encode(known)


async def start(health: Health, host: str, port: int) -> asyncio.Server:
    """Answer on ``host:port`` from now on, until the server is closed.  Raises `OSError` if the port is taken."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, EOFError, ValueError):
            async with asyncio.timeout(REQUEST_SECONDS):
                writer.write(await _response(health, reader))
                await writer.drain()
        writer.close()

    return await asyncio.start_server(serve, host, port)


async def _response(health: Health, reader: asyncio.StreamReader) -> bytes:
    method, path, _ = (await reader.readline()).decode("latin-1").split(" ")
    while await reader.readline() not in {b"\r\n", b""}:
        pass
    code, media_type, body = await health.answer(path.partition("?")[0])
    head = (
        f"HTTP/1.1 {code.value} {code.phrase}\r\nContent-Type: {media_type}\r\nContent-Length: {len(body)}\r\n"
        "Cache-Control: no-store\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + (b"" if method == "HEAD" else body)
