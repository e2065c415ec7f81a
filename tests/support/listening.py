"""An application on a socket, in the process of the test: for what only shows where there are connections."""

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from litestar import Litestar

from api.serving import server_of
from tests.support.waiting import until


@asynccontextmanager
async def listening(app: Litestar) -> AsyncGenerator[int]:
    """The port on which ``app`` answers until the block ends."""
    with socket.create_server(("127.0.0.1", 0), backlog=2048) as listener:
        server = server_of(app)
        # Not `serve`: that takes over the signals of the process.
        serving = asyncio.create_task(server._serve([listener]))  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - see above
        try:
            await until(lambda: server.started or serving.done())
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            await serving
