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
        self._listeners: dict[str, list[asyncio.Event]] = {}
        self._ringing: dict[str, asyncio.Task[bool]] = {}

    def ring(self, log: str, _position: int) -> None:
        """Say that ``log`` has grown; costs its caller nothing."""
        self._wake(log)
        if (last := self._ringing.get(log)) is None or last.done():
            self._ringing[log] = asyncio.create_task(self._connection.publish(f"{SUBJECT}.{log}", b""))

    async def listen(self, log: str) -> asyncio.Event:
        """An event of the caller's own that is set whenever ``log`` may have grown."""
        event = asyncio.Event()
        if log in self._listeners:
            self._listeners[log].append(event)
            return event
        self._listeners[log] = [event]

        async def heard(_: Msg) -> None:
            self._wake(log)

        await self._connection.subscribe(f"{SUBJECT}.{log}", heard)
        return event

    def _wake(self, log: str) -> None:
        for event in self._listeners.get(log, ()):
            event.set()
