"""The HTTP server around the application: how long it waits for whom, and how it stops."""

import asyncio
import socket

import uvicorn
from litestar import Litestar

from adapters.composition import System
from api.conventions.connections import Connection
from api.live_counts import LiveCounts

KEEP_ALIVE_SECONDS = 15
LAST_ANSWERS_SECONDS = 10
"""How long requests that are under way may take once the process was told to stop."""


LOOK_SECONDS = 0.05
CLOSING = (b"connection", b"close")


def server_of(app: Litestar) -> uvicorn.Server:
    """A server that answers with ``app`` once it is given sockets."""
    proxies = app.state.system.settings.trusted_proxies
    config = uvicorn.Config(
        app,
        # Whoever is believed about addresses chooses whom limits count: nobody, unless the settings name them.
        proxy_headers=bool(proxies),
        forwarded_allow_ips=proxies or [],
        http=Connection,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=LAST_ANSWERS_SECONDS,
    )
    return _Server(config, app.state.system, app.state.live_counts)


class _Server(uvicorn.Server):
    """Told to stop, it says so first, goes on for as long as balancers take to hear it, and then ends in order.

    Open streams are ended: it waits for what is under way, and they would go on
    for an hour.
    """

    def __init__(self, config: uvicorn.Config, system: System, live_counts: LiveCounts) -> None:
        super().__init__(config)
        self._readiness = system.readiness
        self._drain_seconds = system.settings.drain_seconds
        self._live_counts = live_counts

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """As ever, after `/readyz` was red for a while and the streams were ended."""
        self._readiness.stop()
        await self._drain()
        self._live_counts.close()
        await super().shutdown(sockets)

    async def _drain(self) -> None:
        """Answer whoever still comes, and ask them not to stay; asked twice to stop, it does so at once."""
        self.server_state.default_headers = [*self.server_state.default_headers, CLOSING]
        clock = asyncio.get_running_loop().time
        deadline = clock() + self._drain_seconds
        while clock() < deadline and not self.force_exit:  # noqa: ASYNC110 - that is all that uvicorn says
            await asyncio.sleep(LOOK_SECONDS)
