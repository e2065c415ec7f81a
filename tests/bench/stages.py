"""The conventions of the API, one after another, around a route that only gives its body back.

``python -m tests.bench.stages PORT`` runs it as ``python -m api`` runs the API.
The first segment of the path says how many of them a request goes through; each
stage has all those before it.
"""

import sys
from collections.abc import Mapping, Sequence

import uvicorn
import uvloop
from litestar import Litestar, Router, post
from litestar.types import ASGIApp, Receive, Scope, Send

from adapters.composition import System, compose
from adapters.logs import configure_logs
from adapters.settings import load_settings
from api.conventions.auth import authentication
from api.conventions.bearers import Bearers
from api.conventions.bodies import JsonBody, require_json
from api.conventions.edge import Edge
from api.conventions.layers import Layer, conventions
from api.conventions.problems import answer_problem
from api.conventions.transfer import Transfer
from api.engagement import Interactions
from api.metrics import Metrics

BARE, EDGE, AUTHENTICATED, LIMITED, WHOLE = "bare", "edge", "authenticated", "limited", "whole"


@post("/", status_code=202)
async def echo(data: Interactions) -> Interactions:
    """What was sent."""
    return data


class Stages:
    """Lets the path choose the application."""

    def __init__(self, stages: Mapping[str, ASGIApp]) -> None:
        self._stages = stages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the stage that the path names."""
        assert scope["type"] == "http", "there is nothing else to measure"
        await self._stages[scope["path"].split("/")[1]](scope, receive, send)


def stages(system: System) -> Stages:
    """All stages, each an application of its own."""
    metrics, bearers = Metrics(system), Bearers(system.api_keys, system.sessions, system.clock, uses=system.key_uses)
    around, (rates, calls) = conventions(system)
    authenticated = [*around, authentication(bearers)]

    def edged(name: str, layers: Sequence[Layer] = ()) -> ASGIApp:
        router = Router(f"/{name}", route_handlers=[echo], middleware=layers, guards=[require_json], dto=JsonBody)
        app = Litestar(
            [router], openapi_config=None, logging_config=None, exception_handlers={Exception: answer_problem}
        )
        app.asgi_handler = Edge(Transfer(app.asgi_handler), metrics=metrics, clock=system.clock, tracing=system.tracing)
        return app

    return Stages(
        {
            BARE: Litestar([Router(f"/{BARE}", route_handlers=[echo])], openapi_config=None, logging_config=None),
            EDGE: edged(EDGE),
            AUTHENTICATED: edged(AUTHENTICATED, authenticated),
            LIMITED: edged(LIMITED, [*authenticated, rates]),
            WHOLE: edged(WHOLE, [*authenticated, rates, calls]),
        }
    )


async def serve(port: int) -> None:
    """Answer until killed."""
    settings = load_settings()
    configure_logs(settings.log_level)
    async with compose(settings, process="stages") as system:
        config = uvicorn.Config(
            stages(system),
            port=port,
            http="httptools",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
        )
        await uvicorn.Server(config).serve()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1])))
