"""Spans to an OpenTelemetry collector, by OTLP over HTTP.

Imported only where there is one: it costs a fifth of a second and fifteen
megabytes.  Spans wait in a bounded queue for a thread that sends them; when the
collector is away they are dropped, and a line in the log says how many.
"""

import asyncio
import logging
import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager

import structlog
from opentelemetry import trace as api
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import NonRecordingSpan, SpanContext, SpanKind, Status, StatusCode, TraceFlags
from opentelemetry.trace.propagation import set_span_in_context
from opentelemetry.trace.span import TraceState

from application.tracing import Kind, Span, TraceContext, Value, present, within

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

PATH = "/v1/traces"
EXPORT_SECONDS = 2.0
FLUSH_SECONDS = 2.0
"""How long a process that ends waits for the collector to take its last spans."""

KINDS: dict[Kind, SpanKind] = {
    "server": SpanKind.SERVER,
    "client": SpanKind.CLIENT,
    "consumer": SpanKind.CONSUMER,
    "internal": SpanKind.INTERNAL,
}


class OtlpTracing:
    """`Tracing` to the collector at ``endpoint``, for the process called ``service``."""

    def __init__(self, endpoint: str, *, service: str) -> None:
        logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)  # `_Noted` says it in our words
        resource = Resource.create({"service.namespace": "playhead", "service.name": service})
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        exporter = _Noted(OTLPSpanExporter(endpoint.rstrip("/") + PATH, timeout=EXPORT_SECONDS))
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("playhead")

    @contextmanager
    def span(self, name: str, kind: Kind = "internal", **values: Value) -> Generator[Span]:
        """See `Tracing`."""
        parent = present()
        span = self._tracer.start_span(name, context=_below(parent), kind=KINDS[kind], attributes=_dotted(values))
        begun = span.get_span_context()
        here = TraceContext(
            api.format_trace_id(begun.trace_id),
            api.format_span_id(begun.span_id),
            begun.trace_flags.sampled,
            begun.trace_state.to_header(),
        )
        noted = _Span(span)
        try:
            with within(here):
                yield noted
        except BaseException as error:
            noted.failed(type(error).__name__)
            raise
        finally:
            span.end()

    async def close(self) -> None:
        """Send what waits, for `FLUSH_SECONDS` at most."""
        last = threading.Thread(target=self._provider.shutdown, daemon=True)
        last.start()
        await asyncio.to_thread(last.join, FLUSH_SECONDS)


class _Span:
    def __init__(self, span: api.Span) -> None:
        self._span = span

    def named(self, name: str) -> None:
        self._span.update_name(name)

    def tell(self, **values: Value) -> None:
        self._span.set_attributes(_dotted(values))

    def failed(self, kind: str) -> None:
        self._span.set_attribute("error.type", kind)
        self._span.set_status(Status(StatusCode.ERROR))


class _Noted(SpanExporter):
    """Says in the log what could not be delivered."""

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """As the exporter does."""
        if (result := self._exporter.export(spans)) is SpanExportResult.FAILURE:
            log.warning("spans_not_delivered", spans=len(spans))
        return result

    def shutdown(self) -> None:
        """As the exporter does."""
        self._exporter.shutdown()


def _below(parent: TraceContext | None) -> Context:
    """The context of a span below ``parent``; never whatever else the thread works on."""
    if parent is None:
        return Context()
    above = SpanContext(
        int(parent.trace_id, 16),
        int(parent.span_id, 16),
        is_remote=True,
        trace_flags=TraceFlags(parent.sampled),
        trace_state=TraceState.from_header([parent.state]),
    )
    return set_span_in_context(NonRecordingSpan(above), Context())


def _dotted(values: dict[str, Value]) -> dict[str, Value]:
    return {name.replace("__", "."): value for name, value in values.items()}
