"""The ASGI application around a `System`: routes, who may use them, and what errors look like."""

from litestar import Litestar

from adapters.composition import System
from api.conventions.bearers import Bearers
from api.conventions.edge import Edge
from api.conventions.transfer import Transfer
from api.live_counts import LiveCounts
from api.metrics import Metrics
from api.openapi.serving import openapi_config
from api.operations import Health, Measurements
from api.pages.router import page_errors, pages_router
from api.parts import given
from api.routers import api_router

BODY_BYTES = 256 * 1024
"""The most a body may have, unless its route says otherwise; counted while it is read."""


def create_app(system: System) -> Litestar:
    """The application; the caller opens and closes ``system`` around it."""
    metrics, bearers = Metrics(system), Bearers(system.api_keys, system.sessions, system.clock, uses=system.key_uses)
    live_counts = LiveCounts(
        system.video_engagement,
        system.logs["engagement"],
        system.positions,
        system.doorbell.listen,
        capacity=system.settings.live_streams,
    )
    measured_here = [] if system.settings.metrics_port else [Measurements]
    app = Litestar(
        route_handlers=[api_router(system, bearers), Health, *measured_here, pages_router(system, bearers)],
        dependencies={"system": given(system), "metrics": given(metrics), "live_counts": given(live_counts)},
        exception_handlers={Exception: page_errors()},
        request_max_body_size=BODY_BYTES,
        openapi_config=openapi_config(),
        logging_config=None,
    )
    app.state.system, app.state.live_counts, app.state.metrics = system, live_counts, metrics
    app.asgi_handler = Edge(Transfer(app.asgi_handler), metrics=metrics, clock=system.clock, tracing=system.tracing)
    return app
