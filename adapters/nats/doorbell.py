"""Tells followers in other processes that a log has grown; they ask the log itself what is new.

A ring that is lost costs a moment: followers look by themselves now and then.
"""

import asyncio

from nats.aio.msg import Msg

from adapters.nats.connection import NatsConnection

SUBJECT = "playhead.doorbell"


class Doorbell:
    """Rings at most once at a time for each log, however many facts are recorded meanwhile."""

    def __init__(self, connection: NatsConnection) -> None:
        self._connection = connection
        self._heard: dict[str, asyncio.Event] = {}
        self._ringing: dict[str, asyncio.Task[bool]] = {}

    def ring(self, log: str, _position: int) -> None:
        """Say that ``log`` has grown; costs its caller nothing."""
        if (event := self._heard.get(log)) is not None:
            event.set()
        if (last := self._ringing.get(log)) is None or last.done():
            self._ringing[log] = asyncio.create_task(self._connection.publish(f"{SUBJECT}.{log}", b""))

    async def listen(self, log: str) -> asyncio.Event:
        """An event that is set whenever ``log`` may have grown."""
        if log not in self._heard:
            event = self._heard[log] = asyncio.Event()

            async def heard(_: Msg) -> None:
                event.set()

            await self._connection.subscribe(f"{SUBJECT}.{log}", heard)
        return self._heard[log]
