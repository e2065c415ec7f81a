"""How requests and answers travel: bodies within their time, answers packed, HEAD and OPTIONS answered."""

import zlib
from collections.abc import Iterable
from typing import Any

from litestar.types import (
    ASGIApp,
    HTTPResponseStartEvent,
    HTTPScope,
    Message,
    Receive,
    Scope,
    Send,
)

from api.conventions.arriving import GZIP, arriving

PACKED_FROM_BYTES = 1024
"""Below this, packing costs more than it saves."""

LEVEL = 5
PACKED_TYPES = (b"application/json", b"application/problem+json", b"text/html", b"text/plain", b"image/svg+xml")

NO_CONTENT = 204
METHOD_NOT_ALLOWED = 405
NO_METHOD: Any = "TRACE"
"""No path has it."""

NEVER_PACKED = {b"content-encoding", b"set-cookie", b"etag"}
"""Headers of answers that are sent as they are: packed already, beside a secret, or named by a strong validator, which
must change with the bytes."""


class Transfer:
    """Around the framework.

    Only answers to GET are packed: secrets are shown in answers to POST alone,
    where packing them beside what the caller chose would tell of them by length
    (BREACH, https://breachattack.com).
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; anything but HTTP passes through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        receive = arriving(scope, receive)
        if scope["method"] == "HEAD":
            await self._answer_head(scope, receive, send)
        elif scope["method"] == "OPTIONS":
            await self._answer_options(scope, receive, send)
        elif scope["method"] == "GET" and _takes_gzip(scope["headers"]):
            await self._app(scope, receive, _Packing(send))
        else:
            await self._app(scope, receive, send)

    async def _answer_head(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        async def send_head(message: Message) -> None:
            # The answer ends with its head, also one that would go on: its writer then hears that the client left.
            if message["type"] == "http.response.start":
                await send(message)
                await send({"type": "http.response.body", "body": b"", "more_body": False})

        scope["method"] = "GET"
        try:
            await self._app(scope, receive, send_head)
        finally:
            scope["method"] = "HEAD"

    async def _answer_options(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        # The framework's own answer knows of one of the path's handlers; its refusal of a method knows of all.
        refused = False

        async def send_allowed(message: Message) -> None:
            nonlocal refused
            if message["type"] == "http.response.start" and message["status"] == METHOD_NOT_ALLOWED:
                refused = True
                allow = [each for each in message["headers"] if each[0].lower() == b"allow"]
                await send({**message, "status": NO_CONTENT, "headers": allow})
                await send({"type": "http.response.body", "body": b"", "more_body": False})
            elif not refused:
                await send(message)

        scope["method"] = NO_METHOD
        try:
            await self._app(scope, receive, send_allowed)
        finally:
            scope["method"] = "OPTIONS"


class _Packing:
    """Holds the head of an answer back until it is known how long the body is."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._head: HTTPResponseStartEvent | None = None

    async def __call__(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self._head = message
            return
        if (head := self._head) is not None:
            self._head = None
            if _may_be_packed(head):
                head["headers"] = [*head["headers"], (b"vary", b"Accept-Encoding")]
                if not message.get("more_body") and len(message["body"]) >= PACKED_FROM_BYTES:
                    message = _packed(head, message)
            await self._send(head)
        await self._send(message)


def _packed(head: HTTPResponseStartEvent, message: Any) -> Any:
    packer = zlib.compressobj(LEVEL, wbits=GZIP)
    body = packer.compress(message["body"]) + packer.flush()
    plain = [each for each in head["headers"] if each[0].lower() != b"content-length"]
    head["headers"] = [*plain, (b"content-encoding", b"gzip"), (b"content-length", str(len(body)).encode())]
    return {**message, "body": body}


def _may_be_packed(head: HTTPResponseStartEvent) -> bool:
    headers = {name.lower(): value for name, value in head["headers"]}
    return not NEVER_PACKED & headers.keys() and headers.get(b"content-type", b"").startswith(PACKED_TYPES)


def _takes_gzip(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    for name, value in headers:
        if name == b"accept-encoding":
            for coding in value.lower().split(b","):
                named, _, weight = coding.partition(b";")
                if named.strip() in {b"gzip", b"*"} and weight.replace(b" ", b"") not in {b"q=0", b"q=0.0", b"q=0.00"}:
                    return True
    return False
