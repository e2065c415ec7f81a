"""The HTTP server around the application: how long it waits for whom, and how it stops."""

import socket

import uvicorn
from litestar import Litestar

from api.live_counts import LiveCounts

KEEP_ALIVE_SECONDS = 15
LAST_ANSWERS_SECONDS = 10
"""How long requests that are under way may take once the process was told to stop."""


def server_of(app: Litestar) -> uvicorn.Server:
    """A server that answers with ``app`` once it is given sockets."""
    config = uvicorn.Config(
        app,
        http="httptools",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=LAST_ANSWERS_SECONDS,
    )
    return _Server(config, app.state.live_counts)


class _Server(uvicorn.Server):
    """Ends open streams when it is told to stop: it waits for what is under way, and they would go on for an hour."""

    def __init__(self, config: uvicorn.Config, live_counts: LiveCounts) -> None:
        super().__init__(config)
        self._live_counts = live_counts

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """As ever, after the streams."""
        self._live_counts.close()
        await super().shutdown(sockets)
