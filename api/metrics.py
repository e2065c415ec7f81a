"""What Prometheus scrapes: how requests went, and how far logs and read models are apart.

The latter is asked of the database at every scrape, so that it is true
whichever process projects, and also when none does.  What the whole process
counts stands in the library's own registry.
"""

import asyncio

import structlog
from prometheus_client import REGISTRY, CollectorRegistry, Gauge, Histogram, generate_latest

from adapters.composition import System

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
SCRAPE_SECONDS = 3.0
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds; OpenTelemetry's for HTTP, and two finer ones below."""


class Metrics:
    """The metrics of one application, in a registry of their own, and those of its process."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._registry = CollectorRegistry()
        self._requests = Histogram(
            "http_server_request_duration_seconds",
            "From the first byte of a request to the last of its answer.",
            ["http_request_method", "http_route", "http_response_status_code"],
            buckets=BUCKETS,
            registry=self._registry,
        )
        self._of_route: dict[tuple[str, str, int], Histogram] = {}

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answer; ``route`` is the template, never the path that was asked for."""
        labels = (method if method in METHODS else "_OTHER", route, status)
        if (histogram := self._of_route.get(labels)) is None:
            histogram = self._of_route[labels] = self._requests.labels(*labels)
        histogram.observe(seconds)

    async def scrape(self) -> bytes:
        """Everything, in Prometheus' text format; without what only the database knows if it does not answer."""
        registry = CollectorRegistry()
        self._queues(registry)
        up = Gauge("playhead_store_up", "Whether the database answered this scrape.", registry=registry)
        try:
            async with asyncio.timeout(SCRAPE_SECONDS):
                await self._distances(registry)
            up.set(1)
        except Exception as error:  # noqa: BLE001 # whatever is wrong with the database, the process itself is known
            log.warning("scrape_incomplete", error=str(error) or type(error).__name__)
            up.set(0)
        return generate_latest(REGISTRY) + generate_latest(self._registry) + generate_latest(registry)

    def _queues(self, registry: CollectorRegistry) -> None:
        queued = Gauge(
            "playhead_writer_queued_events", "Events that wait for their commit.", ["log"], registry=registry
        )
        for name, each in self._system.logs.items():
            queued.labels(name).set(each.writer.queued_events)

    async def _distances(self, registry: CollectorRegistry) -> None:
        # Positions first: read after the heads, they could be ahead of them.
        standings = await self._system.positions.standings()
        heads = {name: await each.head() for name, each in self._system.logs.items()}
        events = Gauge("playhead_log_events", "Events recorded.", ["log"], registry=registry)
        lag = Gauge(
            "playhead_projection_lag_events",
            "Events recorded and not yet projected.",
            ["projection", "log"],
            registry=registry,
        )
        for name, head in heads.items():
            events.labels(name).set(head)
        for standing in standings:
            if standing.state == "live":
                lag.labels(standing.name, standing.log).set(heads[standing.log] - standing.position)
