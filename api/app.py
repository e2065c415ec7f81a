"""The ASGI application around a `System`: routes, who may use them, and what errors look like."""

from litestar import Litestar, Router
from litestar.exceptions import NotFoundException
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme
from litestar.response import Response

from adapters.composition import System
from api.bearers import Bearers
from api.edge import Edge
from api.live_counts import LiveCounts
from api.metrics import Metrics
from api.operations import Health, Measurements
from api.pages.router import page_errors, pages_router
from api.parts import given
from api.routers import api_router
from api.session_cookie import COOKIE, CSRF_HEADER
from api.transfer import Transfer

VERSION = "0.1.0"
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
        openapi_config=_openapi(),
        logging_config=None,
    )
    app.state.system, app.state.live_counts, app.state.metrics = system, live_counts, metrics
    app.asgi_handler = Edge(Transfer(app.asgi_handler), metrics=metrics, clock=system.clock, tracing=system.tracing)
    return app


def _openapi() -> OpenAPIConfig:
    return OpenAPIConfig(
        title="Playhead",
        version=VERSION,
        description="The backend of a creator-video platform.",
        use_handler_docstrings=True,
        render_plugins=[JsonRenderPlugin()],
        components=Components(
            security_schemes={
                "apiKey": SecurityScheme(type="http", scheme="bearer", description="An API key, as `ph_…`."),
                "accessToken": SecurityScheme(
                    type="http", scheme="bearer", description="The access token of a session, as `pa_…`."
                ),
                "session": SecurityScheme(
                    type="apiKey", security_scheme_in="cookie", name=COOKIE, description="The session of a browser."
                ),
                "csrf": SecurityScheme(
                    type="apiKey",
                    security_scheme_in="header",
                    name=CSRF_HEADER,
                    description="Goes with the cookie in whatever is not GET: the token that our pages hold.",
                ),
            }
        ),
        openapi_router=Router("/schema", route_handlers=[], include_in_schema=False, after_request=_problem_if_missing),
    )


async def _problem_if_missing(response: Response[bytes]) -> Response[bytes]:
    """The framework's own answer to an unknown path below ``/schema`` is a page of HTML."""
    if response.status_code == NotFoundException.status_code:
        raise NotFoundException
    return response
