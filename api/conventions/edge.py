"""Around every answer: a request id, headers that make browsers careful, one line in the log, one observation."""

import time
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

import structlog
from litestar.types import (
    ASGIApp,
    HTTPReceiveMessage,
    HTTPScope,
    Message,
    Receive,
    Scope,
    Send,
    WebSocketReceiveMessage,
)

from api.conventions.answer_headers import added_headers, header
from api.conventions.problems import CLIENT_LEFT, SERVER_ERROR
from api.conventions.rate_limits import actor_of
from api.metrics import Metrics
from application.ports import Clock
from application.tracing import Span, TraceContext, Tracing, begun, received, spanned, within
from domain.kernel.ids import uuid7

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

CAREFUL: dict[bytes, bytes] = {
    b"x-content-type-options": b"nosniff",
    b"cache-control": b"no-store",
    b"content-security-policy": b"default-src 'none'; frame-ancestors 'none'",
    b"referrer-policy": b"no-referrer",
    b"cross-origin-resource-policy": b"same-origin",
}
"""Headers of every answer that does not set them itself."""

TRANSPORT = (b"strict-transport-security", b"max-age=31536000")
UNMATCHED = "(unmatched)"
NOBODY_THERE = 499
"""The status that is noted when nobody was left to be answered (nginx's number)."""

QUIET = {"/livez", "/readyz", "/metrics"}
"""Asked every few seconds by machines: logged at debug."""


class Edge:
    """The outermost ASGI application; sees also what the framework answers by itself."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics, clock: Clock, tracing: Tracing | None = None) -> None:
        self._app = app
        self._metrics = metrics
        self._clock = clock
        self._tracing = tracing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; anything but HTTP passes through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        status = NOBODY_THERE
        request_id = _given_id(scope["headers"]) or uuid7(self._clock())
        scope["state"]["request_id"] = request_id
        secure = scope["scheme"] == "https"

        async def receive_noting() -> HTTPReceiveMessage | WebSocketReceiveMessage:
            message = await receive()
            if message["type"] == "http.disconnect":
                scope["state"][CLIENT_LEFT] = True
            return message

        async def send_carefully(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = NOBODY_THERE if CLIENT_LEFT in scope["state"] else message["status"]
                message["headers"] = [
                    *message["headers"],
                    *_missing(message["headers"], request_id, secure=secure),
                    *added_headers(scope),
                ]
            await send(message)

        trace = received(header(scope, b"traceparent"), header(scope, b"tracestate")) or begun()
        try:
            with (
                within(trace),
                structlog.contextvars.bound_contextvars(request_id=str(request_id), trace_id=trace.trace_id),
                spanned(self._tracing, str(scope["method"]), "server") as span,
            ):
                try:
                    await self._app(scope, receive_noting, send_carefully)
                finally:
                    if span is not None:
                        _describe(span, scope, status)
        finally:
            self._note(scope, status, time.perf_counter() - began, trace)

    def _note(self, scope: HTTPScope, status: int, seconds: float, trace: TraceContext) -> None:
        route = _route(scope)
        method = str(scope["method"])
        self._metrics.observe(method, route, status, seconds)
        actor = actor_of(scope)
        (log.debug if route in QUIET else log.info)(
            "request_answered",
            method=method,
            route=route,
            status=status,
            milliseconds=round(seconds * 1000, 2),
            actor=actor.id if actor else None,
            request_id=str(scope["state"]["request_id"]),
            trace_id=trace.trace_id,
        )


def _route(scope: HTTPScope) -> str:
    # What routing did not come to is not there.
    reached: Mapping[str, Any] = {**scope}
    return reached.get("path_template") or UNMATCHED


def _describe(span: Span, scope: HTTPScope, status: int) -> None:
    """OpenTelemetry's semantic conventions for HTTP servers 1.23, without what tells who asks."""
    route, method = _route(scope), str(scope["method"])
    span.named(method if route == UNMATCHED else f"{method} {route}")
    span.tell(http__request__method=method, url__scheme=str(scope["scheme"]), http__response__status_code=status)
    if route != UNMATCHED:
        span.tell(http__route=route)
    if status >= SERVER_ERROR:
        span.failed(str(status))


def _given_id(headers: Iterable[tuple[bytes, bytes]]) -> UUID | None:
    """The caller's ``X-Request-Id``, if it is a UUID."""
    for name, value in headers:
        if name == b"x-request-id":
            try:
                return UUID(value.decode("ascii"))
            except ValueError:
                return None
    return None


def _missing(
    headers: Iterable[tuple[bytes, bytes]], request_id: UUID, *, secure: bool
) -> Iterable[tuple[bytes, bytes]]:
    there = {name.lower() for name, _ in headers}
    yield b"x-request-id", str(request_id).encode()
    if secure:
        yield TRANSPORT
    for name, value in CAREFUL.items():
        if name not in there:
            yield name, value
