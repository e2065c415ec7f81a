"""An OpenTelemetry collector, as far as spans go: takes OTLP over HTTP, and remembers what came."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


class Received(msgspec.Struct, frozen=True):
    """A span as it came in; ids in hex, ``parent_id`` empty at the top of a trace."""

    service: str
    name: str
    kind: int
    trace_id: str
    span_id: str
    parent_id: str
    values: Mapping[str, Any]
    failed: bool


class Collector:
    """Listens on a free port of this machine."""

    def __init__(self) -> None:
        self.spans: list[Received] = []
        self.url = ""

    def of(self, trace_id: str) -> dict[str, Received]:
        """The spans of one trace by name."""
        return {span.name: span for span in self.spans if span.trace_id == trace_id}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower():
                assert head.startswith("post /v1/traces http/1.1")
                assert "content-type: application/x-protobuf" in head
                length = int(head.partition("content-length:")[2].partition("\r\n")[0])
                self._take(await reader.readexactly(length))
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/x-protobuf\r\nContent-Length: 0\r\n\r\n")
        except asyncio.IncompleteReadError:
            pass
        finally:
            writer.close()

    def _take(self, body: bytes) -> None:
        request = ExportTraceServiceRequest.FromString(body)
        for resource in request.resource_spans:
            service = _values(resource.resource.attributes)["service.name"]
            for span in (span for scope in resource.scope_spans for span in scope.spans):
                ids = (span.trace_id.hex(), span.span_id.hex(), span.parent_span_id.hex())
                told = _values(span.attributes)
                self.spans.append(Received(service, span.name, span.kind, *ids, told, failed=span.status.code == 2))


def _values(attributes: Any) -> dict[str, Any]:
    return {each.key: getattr(each.value, each.value.WhichOneof("value")) for each in attributes}


@asynccontextmanager
async def collecting() -> AsyncGenerator[Collector]:
    """A collector as long as the block lasts."""
    collector = Collector()
    server = await asyncio.start_server(collector.serve, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    collector.url = f"http://{host}:{port}"
    try:
        yield collector
    finally:
        server.close()
