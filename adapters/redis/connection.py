"""One way to speak to a single server and to a cluster, which may both be away."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar

import structlog
from redis.asyncio import Redis
from redis.asyncio.cluster import RedisCluster
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

ANSWER_SECONDS = 0.25
"""How long an answer may take: this is a cache, and to do without it is never slow."""

WALK_SECONDS = 10.0
"""How long a walk over all keys may take; a million take about two."""

REST_SECONDS = 1.0
"""How long a server that failed is left alone."""

CLUSTER_SCHEMES = {"redis+cluster://": "redis://", "rediss+cluster://": "rediss://"}

CONNECTIONS = 1_000
"""More than requests at once; a client that runs out of them fails as if the server were away."""

ScriptCall = tuple[str, Sequence[str | int]]
"""The one key that a script works on, and its arguments."""

T = TypeVar("T")


class RedisConnection:
    """A server of ``redis://`` or ``rediss://``, or the cluster that a node of ``redis+cluster://`` belongs to.

    Connects when first used.  Nothing here raises because the server is away:
    a failure is an absent answer, logged once, and followed by a rest in which
    nobody waits for it.  Keys of one call share a hash tag (``{…}``), or the
    cluster refuses them.
    """

    def __init__(self, url: str) -> None:
        self._client: Any = _client(url)  # the two clients have the same commands and no type in common
        self._resting_until = 0.0

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.aclose()

    async def get(self, keys: Sequence[str]) -> Sequence[bytes | None] | None:
        """The values of keys that share a hash tag, in their order."""
        return await self._ask(lambda: self._client.mget(keys))

    async def fields(self, key: str) -> Mapping[bytes, bytes] | None:
        """All fields of a hash; empty if there is none."""
        return await self._ask(lambda: self._client.hgetall(key))

    async def put(self, key: str, value: bytes, *, seconds: float) -> bool:
        """Keep a value for so long; False if it was not kept."""
        return bool(await self._ask(lambda: self._client.set(key, value, px=int(seconds * 1000))))

    async def run(self, script: str, keys: Sequence[str], *arguments: str | int) -> bool:
        """Run a Lua script for each of ``keys``, each with the same arguments; False if any may not have been run."""
        return await self.evaluate(script, [(key, arguments) for key in keys]) is not None

    async def evaluate(self, script: str, calls: Sequence[ScriptCall]) -> Sequence[Any] | None:
        """What a Lua script returns for each call, in one round trip; None if any may not have been run."""

        async def all_of_them() -> Sequence[Any]:
            if len(calls) == 1:  # a third cheaper than a pipeline of one
                [(key, arguments)] = calls
                return [await self._client.eval(script, 1, key, *arguments)]
            pipeline = self._client.pipeline(transaction=False)
            for key, arguments in calls:
                pipeline.eval(script, 1, key, *arguments)
            return await pipeline.execute()

        return await self._ask(all_of_them)

    async def remove(self, pattern: str) -> bool:
        """Remove the keys that match; walks over all there are, and so is nothing to do often."""

        async def walk() -> bool:
            async for key in self._client.scan_iter(match=pattern, count=1000):
                await self._client.unlink(key)
            return True

        return bool(await self._ask(walk, seconds=WALK_SECONDS))

    async def _ask(self, question: Callable[[], Awaitable[T]], *, seconds: float = 2 * ANSWER_SECONDS) -> T | None:
        if time.monotonic() < self._resting_until:
            return None
        try:
            async with asyncio.timeout(seconds):
                return await question()
        except (RedisError, OSError, TimeoutError) as error:
            self._resting_until = time.monotonic() + REST_SECONDS
            log.warning("redis_not_reached", error=str(error) or type(error).__name__)
            return None


def _client(url: str) -> "Redis | RedisCluster":
    # Retries of the library's own turn a bound of one second into fifteen.
    bounds: dict[str, Any] = {
        "socket_timeout": ANSWER_SECONDS,
        "socket_connect_timeout": ANSWER_SECONDS,
        "retry": Retry(NoBackoff(), 0),
        "max_connections": CONNECTIONS,
    }
    for scheme, plain in CLUSTER_SCHEMES.items():
        if url.startswith(scheme):
            return RedisCluster.from_url(plain + url.removeprefix(scheme), **bounds)
    return Redis.from_url(url, **bounds)  # pyright: ignore[reportUnknownMemberType] - its keywords have no types
