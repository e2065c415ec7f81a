"""A connection that comes when NATS does: the platform starts, and goes on, without it."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

CONNECT_SECONDS = 2
RETRY_SECONDS = 0.5
BUFFER_BYTES = 2 * 1024 * 1024
"""What may wait in this process while the server is away; beyond it the library refuses to publish."""


class NatsConnection:
    """Connects in the background and again whenever it is lost; ``url`` may list servers, by comma."""

    def __init__(self, url: str) -> None:
        self._servers = url.split(",")
        self.client = Client()
        self._wanted: list[tuple[str, str, Callable[[Msg], Awaitable[None]]]] = []
        self._connecting: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Begin to connect; returns at once."""
        self._connecting = asyncio.create_task(self._connect())

    async def close(self) -> None:
        """Send what waits, then leave; bounded to a second."""
        if self._connecting is not None:
            await asyncio.sleep(0)  # let it begin: the library's client cannot close what it never opened
            self._connecting.cancel()
            await asyncio.gather(self._connecting, return_exceptions=True)
        with contextlib.suppress(Error, TimeoutError, OSError):
            await asyncio.wait_for(self.client.close(), 1)

    async def ready(self, seconds: float) -> bool:
        """Whether the connection stands, waiting that long for the first one."""
        if self._connecting is not None and not self._connecting.done():
            await asyncio.wait([self._connecting], timeout=seconds)
        return self.client.is_connected

    async def publish(self, subject: str, message: bytes) -> bool:
        """Send if the connection stands; returns whether it was sent.  Never raises, never waits for the server."""
        if not self.client.is_connected:
            return False
        try:
            await self.client.publish(subject, message)
        except (Error, OSError) as error:
            log.warning("nats_publish_failed", subject=subject, error=str(error))
            return False
        return True

    async def subscribe(self, subject: str, hear: Callable[[Msg], Awaitable[None]], *, queue: str = "") -> None:
        """Hear messages from now on, also after the connection was lost; one member of ``queue`` hears each."""
        self._wanted.append((subject, queue, hear))
        if self.client.is_connected:
            await self._subscribe(subject, queue, hear)

    async def _subscribe(self, subject: str, queue: str, hear: Callable[[Msg], Awaitable[None]]) -> None:
        await self.client.subscribe(subject, queue=queue, cb=hear)  # pyright: ignore[reportUnknownMemberType] # a bare Future in its signature

    async def _connect(self) -> None:
        while True:
            try:
                await self.client.connect(
                    servers=self._servers,
                    name="playhead",
                    connect_timeout=CONNECT_SECONDS,
                    reconnect_time_wait=RETRY_SECONDS,  # pyright: ignore[reportArgumentType] # seconds, a float will do
                    max_reconnect_attempts=-1,
                    pending_size=BUFFER_BYTES,
                    error_cb=_noted,
                )
                for subject, queue, hear in self._wanted:
                    await self._subscribe(subject, queue, hear)
            except (Error, OSError, TimeoutError) as error:
                log.warning("nats_not_reached", error=str(error) or type(error).__name__)
                await asyncio.sleep(RETRY_SECONDS)
            else:
                return


async def _noted(error: Exception) -> None:
    log.warning("nats_error", error=str(error) or type(error).__name__)
