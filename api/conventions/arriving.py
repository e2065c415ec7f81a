"""Bodies on their way in: within their time, and unpacked a step at a time.

Whoever reads the body counts what comes out of here, so that a small body that
unpacks into a large one is refused as large before it is.
"""

import asyncio
import time
import zlib
from collections.abc import Iterable
from typing import cast

from litestar.types import HTTPReceiveMessage, HTTPRequestEvent, HTTPScope, Receive, WebSocketReceiveMessage

Message = HTTPReceiveMessage | WebSocketReceiveMessage

GRACE_SECONDS = 10.0
SLOWEST_BYTES_PER_SECOND = 4096
LONGEST_SECONDS = 120.0
"""A body may take `GRACE_SECONDS`, and a second more for each `SLOWEST_BYTES_PER_SECOND` that have come; never longer
than `LONGEST_SECONDS`."""

STEP_BYTES = 64 * 1024
GZIP = 31
"""zlib's number for a window of 32 kB in gzip's wrapping."""


class BodyTooSlow(Exception):
    """The body did not come in its time."""


class BodyNotUnpacked(Exception):
    """The body is not what its ``Content-Encoding`` says."""


def arriving(scope: HTTPScope, receive: Receive) -> Receive:
    """``receive``, bounded in time; of a body in gzip it gives what is inside, and ``scope`` says so.

    What it returns raises `BodyTooSlow` and `BodyNotUnpacked`.
    """
    if not announces_body(scope["headers"]):
        return receive
    timed = cast(Receive, _Timed(receive))
    if content_encodings(scope["headers"]) != [b"gzip"]:
        return timed
    plain = [each for each in scope["headers"] if each[0] not in {b"content-encoding", b"content-length"}]
    scope["headers"] = [*plain, (b"transfer-encoding", b"chunked")]
    return cast(Receive, _Unpacking(timed))


def announces_body(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Whether a body follows, be it an empty one in chunks."""
    return any(name == b"transfer-encoding" or (name == b"content-length" and value != b"0") for name, value in headers)


def content_encodings(headers: Iterable[tuple[bytes, bytes]]) -> list[bytes]:
    """What the body was wrapped in, innermost first; none for one sent as it is."""
    named = [value.lower() for name, value in headers if name == b"content-encoding"]
    codings = [coding.strip() for value in named for coding in value.split(b",")]
    return [b"gzip" if coding == b"x-gzip" else coding for coding in codings if coding not in {b"", b"identity"}]


class _Timed:
    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._began = time.monotonic()
        self._bytes = 0
        self._complete = False

    async def __call__(self) -> Message:
        if self._complete:
            return await self._receive()
        allowed = min(GRACE_SECONDS + self._bytes / SLOWEST_BYTES_PER_SECOND, LONGEST_SECONDS)
        try:
            async with asyncio.timeout(self._began + allowed - time.monotonic()):
                message = await self._receive()
        except TimeoutError as late:
            raise BodyTooSlow(f"{self._bytes} bytes came in {allowed:.0f} seconds") from late
        if message["type"] == "http.request":
            self._bytes += len(message["body"])
        self._complete = message["type"] != "http.request" or not message["more_body"]
        return message


class _Unpacking:
    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._unpacker = zlib.decompressobj(GZIP)
        self._packed = b""
        self._unpacked_all = True
        self._more = True

    async def __call__(self) -> Message:
        while self._more or not self._unpacked_all:
            if self._unpacked_all:
                message = await self._receive()
                if message["type"] != "http.request":
                    return message
                self._packed, self._more = message["body"], message["more_body"]
            body = self._step()
            if body or not (self._more or not self._unpacked_all):
                return _part(body, more=self._more or not self._unpacked_all)
        return await self._receive()

    def _step(self) -> bytes:
        try:
            body = self._unpacker.decompress(self._packed, STEP_BYTES)
        except zlib.error as wrong:
            raise BodyNotUnpacked("the body is not in gzip") from wrong
        self._packed = self._unpacker.unconsumed_tail
        # A full step may have left something inside the unpacker, also when it has taken in all that was packed.
        self._unpacked_all = not self._packed and len(body) < STEP_BYTES
        if self._unpacker.unused_data:
            raise BodyNotUnpacked("there is more after the end of the gzip stream")
        if self._unpacked_all and not self._more and not self._unpacker.eof:
            raise BodyNotUnpacked("the gzip stream is cut short")
        return body


def _part(body: bytes, *, more: bool) -> HTTPRequestEvent:
    return {"type": "http.request", "body": body, "more_body": more}
