"""The ASGI application around a `System`: routes, who may use them, and what errors look like."""

from litestar import Litestar, Router
from litestar.exceptions import NotFoundException
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme
from litestar.response import Response
from litestar.types import ASGIApp

from adapters.composition import System
from api.auth import BearerAuthentication, Bearers
from api.bodies import JsonBody, require_json
from api.catalog import Creators, Videos
from api.conventions import conventions
from api.edge import Edge
from api.engagement import InteractionReports
from api.identity import ApiKeys, Users
from api.live import Live, VisitorsLive
from api.live_counts import LiveCounts
from api.metrics import Metrics
from api.operations import Health, Projections
from api.pages.router import page_errors, pages_router
from api.parts import given
from api.recommendations import Recommendations

VERSION = "0.1.0"
BODY_BYTES = 256 * 1024
"""The most a body may have, unless its route says otherwise; counted while it is read."""


def create_app(system: System) -> Litestar:
    """The application; the caller opens and closes ``system`` around it."""
    metrics = Metrics(system)
    live_counts = LiveCounts(
        system.video_engagement,
        system.logs["engagement"],
        system.positions,
        system.doorbell.listen,
        capacity=system.settings.live_streams,
    )
    app = Litestar(
        route_handlers=[_api(system), Health, VisitorsLive, pages_router(system)],
        dependencies={"system": given(system), "metrics": given(metrics), "live_counts": given(live_counts)},
        exception_handlers={Exception: page_errors()},
        request_max_body_size=BODY_BYTES,
        openapi_config=_openapi(),
        logging_config=None,
    )
    app.state.live_counts = live_counts
    app.asgi_handler = Edge(app.asgi_handler, metrics=metrics, clock=system.clock)
    return app


def _api(system: System) -> Router:
    bearers = Bearers(system.identity, system.clock)
    around, inside = conventions(system)

    def authenticated(app: ASGIApp) -> BearerAuthentication:
        return BearerAuthentication(app, bearers)

    return Router(
        "/api",
        route_handlers=[Users, ApiKeys, Videos, Creators, InteractionReports, Recommendations, Live, Projections],
        middleware=[*around, authenticated, *inside],
        guards=[require_json],
        dto=JsonBody,
        return_dto=None,
        dependencies={
            "clock": given(system.clock),
            "identity": given(system.identity),
            "catalog": given(system.catalog),
            "engagement": given(system.engagement),
            "recommender": given(system.recommender),
        },
        security=[{"apiKey": []}],
    )


def _openapi() -> OpenAPIConfig:
    return OpenAPIConfig(
        title="Playhead",
        version=VERSION,
        description="The backend of a creator-video platform.",
        use_handler_docstrings=True,
        render_plugins=[JsonRenderPlugin()],
        components=Components(
            security_schemes={
                "apiKey": SecurityScheme(type="http", scheme="bearer", description="An API key, as `ph_…`.")
            }
        ),
        openapi_router=Router("/schema", route_handlers=[], include_in_schema=False, after_request=_problem_if_missing),
    )


async def _problem_if_missing(response: Response[bytes]) -> Response[bytes]:
    """The framework's own answer to an unknown path below ``/schema`` is a page of HTML."""
    if response.status_code == NotFoundException.status_code:
        raise NotFoundException
    return response
