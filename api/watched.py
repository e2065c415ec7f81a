"""A port of its own for those who watch over the process: ``/livez``, ``/readyz``, ``/metrics``."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager

import uvicorn
from litestar import Litestar

from api.conventions.problems import answer_problem
from api.operations import Health, Measurements
from api.parts import given


class PortTaken(Exception):
    """Somebody else listens where this process should."""


@asynccontextmanager
async def watched(app: Litestar) -> AsyncGenerator[None]:
    """Answer at the metrics port, if the settings name one, as long as the block lasts.  Raises `PortTaken`."""
    settings = app.state.system.settings
    if not settings.metrics_port:
        yield
        return
    try:
        listener = socket.create_server((settings.host, settings.metrics_port))
    except OSError as taken:
        raise PortTaken(f"cannot listen on {settings.host}:{settings.metrics_port}: {taken.strerror}") from taken
    config = uvicorn.Config(
        _watching(app), lifespan="off", log_config=None, access_log=False, server_header=False, proxy_headers=False
    )
    server = _Beside(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield
    finally:
        server.should_exit = True
        with contextlib.suppress(asyncio.CancelledError):
            await serving


class _Beside(uvicorn.Server):
    """A server that leaves signals to the one that it runs beside."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Capture none."""
        yield


def _watching(app: Litestar) -> Litestar:
    return Litestar(
        route_handlers=[Health, Measurements],
        dependencies={"system": given(app.state.system), "metrics": given(app.state.metrics)},
        exception_handlers={Exception: answer_problem},
        openapi_config=None,
        logging_config=None,
    )
