"""Which trace a piece of work belongs to, as W3C Trace Context says it (https://www.w3.org/TR/trace-context/).

The present one travels with the task: whoever speaks to another process hands
it on.  Spans are noted only where somebody collects them (`Tracing`).
"""

import re
import secrets
from collections.abc import Generator, Mapping
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from typing import Literal, Protocol

import msgspec

TRACEPARENT = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?", re.ASCII)
FORBIDDEN = "ff"
"""The one version that there will never be."""

SAMPLED = 1
STATE_CHARACTERS = 512
"""What of a ``tracestate`` is handed on at least; a longer one is dropped, as the standard lets us."""

Value = str | int | float | bool
Kind = Literal["server", "client", "consumer", "internal"]
"""Which side of an exchange a span is; ``internal`` is neither."""


class TraceContext(msgspec.Struct, frozen=True):
    """Where in which trace we are: ids in lower-case hex, 32 digits and 16; ``state`` is of the tracing systems."""

    trace_id: str
    span_id: str
    sampled: bool = False
    state: str = ""

    @property
    def traceparent(self) -> str:
        """As a header, and as facts record it."""
        return f"00-{self.trace_id}-{self.span_id}-{self.sampled:02x}"

    def headers(self) -> dict[str, str]:
        """What a message carries so that its receiver goes on with the trace."""
        carried = {"traceparent": self.traceparent}
        return {**carried, "tracestate": self.state} if self.state else carried


def received(traceparent: str | None, tracestate: str | None = None) -> TraceContext | None:
    """The trace that a caller began; None without one, and for one that the standard tells us to ignore."""
    found = TRACEPARENT.fullmatch(traceparent.strip()) if traceparent else None
    if found is None:
        return None
    version, trace_id, span_id, flags, further = found.groups()
    if version == FORBIDDEN or (version == "00" and further) or not int(trace_id, 16) or not int(span_id, 16):
        return None
    state = tracestate if tracestate and len(tracestate) <= STATE_CHARACTERS else ""
    return TraceContext(trace_id, span_id, bool(int(flags, 16) & SAMPLED), state)


def begun() -> TraceContext:
    """A trace that begins here."""
    return TraceContext(secrets.token_hex(16), secrets.token_hex(8))


_present: ContextVar[TraceContext | None] = ContextVar("trace", default=None)


def present() -> TraceContext | None:
    """The trace that this task works for, if for one."""
    return _present.get()


@contextmanager
def within(trace: TraceContext) -> Generator[TraceContext]:
    """Let what is done in the block, and in tasks it starts, belong to ``trace``."""
    token = _present.set(trace)
    try:
        yield trace
    finally:
        _present.reset(token)


class Span(Protocol):
    """One piece of work while it is under way."""

    def named(self, name: str) -> None:
        """Call it otherwise, now that more is known."""
        ...

    def tell(self, **values: Value) -> None:
        """Note values; in names ``__`` stands for a dot: ``http__route``."""
        ...

    def failed(self, kind: str) -> None:
        """Note that it went wrong; ``kind`` names the error and never quotes what people sent."""
        ...


class Tracing(Protocol):
    """Notes spans for a collector; never waits for it, and never fails because of it."""

    def span(self, name: str, kind: Kind = "internal", **values: Value) -> AbstractContextManager[Span]:
        """A span below the present trace, which it is the place in as long as the block lasts.

        What leaves the block as an exception is noted as a failure by its type.
        """
        ...


def spanned(
    tracing: Tracing | None, name: str, kind: Kind = "internal", **values: Value
) -> AbstractContextManager[Span | None]:
    """`Tracing.span`, or nothing where nobody collects."""
    return _NOTHING if tracing is None else tracing.span(name, kind, **values)


class _Nothing:
    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        return None


_NOTHING = _Nothing()


def carried(headers: Mapping[str, str] | None) -> TraceContext | None:
    """The trace that a message carries, as `TraceContext.headers` put it there."""
    return received(headers.get("traceparent"), headers.get("tracestate")) if headers else None
