"""One script asked by many at once: those who come while a round trip is under way share the next."""

import asyncio
from collections.abc import Sequence
from typing import Any

from adapters.redis.connection import RedisConnection, ScriptCall

MOST = 200
"""Calls in one round trip; the server runs them one after another, and does nothing else meanwhile."""


class SharedTrips:
    """A Lua script on one key, run for each caller; a lone one waits for nobody."""

    def __init__(self, connection: RedisConnection, script: str) -> None:
        self._connection = connection
        self._script = script
        self._waiting: list[tuple[ScriptCall, asyncio.Future[Any]]] = []
        self._travelling: asyncio.Task[None] | None = None

    async def run(self, key: str, *arguments: str | int) -> Any:
        """What the script returns; None if nobody answered."""
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.append(((key, arguments), answer))
        if self._travelling is None or self._travelling.done():
            self._travelling = asyncio.create_task(self._travel())
        return await answer

    async def _travel(self) -> None:
        while self._waiting:
            asked, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            answers: Sequence[Any] | None = None
            try:
                answers = await self._connection.evaluate(self._script, [call for call, _ in asked])
            finally:
                for (_, waiting), answer in zip(asked, answers or [None] * len(asked), strict=True):
                    if not waiting.done():
                        waiting.set_result(answer)
