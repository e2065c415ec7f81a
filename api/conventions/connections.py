"""Connections with bounds where uvicorn has none: on the head of a request, and on who neither sends nor takes."""

import asyncio
from typing import Any, cast

import msgspec
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from api.conventions.problem_document import PROBLEM_JSON, Problem, problem_of

HEAD_SECONDS = 10.0
"""How long the head of a request may take, from its first byte; also how long a new connection may say nothing."""

HEAD_BYTES = 32 * 1024
TARGET_BYTES = 8 * 1024
"""The most that a path and its query may have together."""

REST_SECONDS = 5.0
"""How long the rest of a body may take to come whose request is answered already."""

STALLED_SECONDS = 30.0
"""How long a reader may take nothing of what is sent."""

MALFORMED = problem_of(400, "malformed_request", "this is not HTTP/1.1")
HEAD_TOO_SLOW = problem_of(408, "head_too_slow", "the head of the request did not come in its time")
TARGET_TOO_LONG = problem_of(414, "target_too_long", f"a path and its query have {TARGET_BYTES} bytes at most")
HEAD_TOO_LARGE = problem_of(431, "head_too_large", f"the head of a request has {HEAD_BYTES} bytes at most")
OF_CONNECTIONS = (MALFORMED, HEAD_TOO_SLOW, TARGET_TOO_LONG, HEAD_TOO_LARGE)
"""What is told before there is a request to answer."""


class _Refused(Exception):
    """The parser stops at whatever its callbacks raise."""


class Connection(HttpToolsProtocol):
    """uvicorn's connection, as `Config.http` takes it."""

    def __init__(self, *of_uvicorn: Any, **named: Any) -> None:
        super().__init__(*of_uvicorn, **named)
        self._refusal = MALFORMED
        self._in_head = True
        self._head_bytes = 0
        self._body_complete = True
        self._head_timer: asyncio.TimerHandle | None = None
        self._rest_timer: asyncio.TimerHandle | None = None
        self._stalled_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:
        """A new one has `HEAD_SECONDS` to say what it wants."""
        super().connection_made(transport)
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """There is nothing left to wait for."""
        for timer in (self._head_timer, self._rest_timer, self._stalled_timer):
            if timer is not None:
                timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Count what comes as long as no head is complete: the parser would keep all of it."""
        super().data_received(data)
        if self._in_head:
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_BYTES and not self.transport.is_closing():
                self._refuse(HEAD_TOO_LARGE)

    def on_message_begin(self) -> None:
        """The first byte of a request."""
        super().on_message_begin()
        self._body_complete = False
        self._expect_head()

    def on_headers_complete(self) -> None:
        """The head is there; raises what ends the connection if it is too large."""
        self._in_head, self._head_bytes = False, 0
        if self._head_timer is not None:
            self._head_timer.cancel()
        if len(self.url) > TARGET_BYTES:
            self._refusal = TARGET_TOO_LONG
            raise _Refused
        if sum(len(name) + len(value) for name, value in self.headers) > HEAD_BYTES:
            self._refusal = HEAD_TOO_LARGE
            raise _Refused
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The body is there."""
        self._body_complete = True
        if self._rest_timer is not None:
            self._rest_timer.cancel()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Answered, be it before the body was complete: its rest is not waited for without end."""
        super().on_response_complete()
        if not self._body_complete and not self.transport.is_closing():
            self._rest_timer = self.loop.call_later(REST_SECONDS, self.transport.abort)

    def pause_writing(self) -> None:
        """The reader is slow."""
        super().pause_writing()
        self._stalled_timer = self.loop.call_later(STALLED_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        """The reader goes on."""
        super().resume_writing()
        if self._stalled_timer is not None:
            self._stalled_timer.cancel()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 # says less than the refusal
        """Answer what could not be parsed, or was refused while it was."""
        self._refuse(self._refusal)

    def _expect_head(self) -> None:
        self._in_head, self._head_bytes = True, 0
        if self._head_timer is not None:
            self._head_timer.cancel()
        self._head_timer = self.loop.call_later(HEAD_SECONDS, self._head_late)

    def _head_late(self) -> None:
        if not self.transport.is_closing():
            self._refuse(HEAD_TOO_SLOW)

    def _refuse(self, problem: Problem) -> None:
        """Say why, unless another answer has begun, and close."""
        cycle = cast(RequestResponseCycle | None, self.cycle)  # None before the first request
        if cycle is None or cycle.response_complete or not cycle.response_started:
            self.transport.write(_written(problem))
        self.transport.close()


def _written(problem: Problem) -> bytes:
    body = msgspec.json.encode(problem)
    head = (
        f"HTTP/1.1 {problem.status} {problem.title}",
        f"content-type: {PROBLEM_JSON}",
        f"content-length: {len(body)}",
        "cache-control: no-store",
        "x-content-type-options: nosniff",
        "connection: close",
    )
    return "\r\n".join([*head, "", ""]).encode() + body
