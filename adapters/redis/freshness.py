"""When answers are out of date: written by whoever computes them, read by whoever keeps them.

Three kinds of keys, all of which die by themselves:

* ``…:{user:<id>}:touched``: the position of the user's last interaction;
* ``…:floor``: the positions below which no answer counts, for anybody.  It is a
  lease: while nobody renews it no kept answer is served, so an invalidation
  that could not be written delays itself by `LEASE_SECONDS` and is never lost;
* the answers themselves (`adapters.redis.answers`).
"""

import asyncio
from collections.abc import Collection, Mapping
from uuid import UUID

from adapters.redis.connection import RedisConnection

PREFIX = "playhead:recommendations:1"
"""Its number is that of the projection: answers of two versions never meet."""

FLOOR = f"{PREFIX}:floor"

LEASE_SECONDS, RENEWAL_SECONDS = 5.0, 1.5

MARK_SECONDS = 300
"""Longer than any answer is kept."""

MARKED_ONE_BY_ONE = 1_000
"""Users of a batch beyond which all answers are given up at once: somebody is catching up."""

LIFT = """
local was = tonumber(redis.call('GET', KEYS[1]) or '0')
redis.call('SET', KEYS[1], string.format('%d', math.max(was, tonumber(ARGV[1]))), 'PX', ARGV[2])
return 1
"""
"""Sets a position unless a higher one is there: one of several recommenders may be behind the others."""

LIFT_FLOOR = """
for i = 1, 3, 2 do
  local was = tonumber(redis.call('HGET', KEYS[1], ARGV[i]) or '0')
  redis.call('HSET', KEYS[1], ARGV[i], string.format('%d', math.max(was, tonumber(ARGV[i + 1]))))
end
redis.call('PEXPIRE', KEYS[1], ARGV[5])
return 1
"""


def touched_key(user: UUID) -> str:
    """Shares its hash tag with the user's answers."""
    return f"{PREFIX}:{{user:{user}}}:touched"


class RedisFreshness:
    """`Freshness`, and the lease that says that somebody sees to it."""

    def __init__(self, connection: RedisConnection) -> None:
        self._connection = connection
        self._positions: dict[str, int] = {}
        self._floor: dict[str, int] = {}
        self._renewing: asyncio.Task[None] | None = None

    async def open(self, positions: Mapping[str, int]) -> None:
        """Begin: what was computed below ``positions`` may have missed something, and does not count."""
        self._positions, self._floor = dict(positions), dict(positions)
        await self._renew()
        self._renewing = asyncio.create_task(self._keep_renewing())

    async def close(self) -> None:
        """Let the lease run out."""
        if self._renewing is not None:
            self._renewing.cancel()
            await asyncio.gather(self._renewing, return_exceptions=True)

    async def moved(self, positions: Mapping[str, int], users: Collection[UUID], *, catalog_changed: bool) -> None:
        """See `Freshness`."""
        self._positions = dict(positions)
        if catalog_changed:
            self._lift("catalog")
        if len(users) > MARKED_ONE_BY_ONE or (users and not await self._mark(users)):
            self._lift("engagement")
            await self._renew()
        elif catalog_changed:
            await self._renew()

    async def _mark(self, users: Collection[UUID]) -> bool:
        keys = [touched_key(user) for user in users]
        return await self._connection.run(LIFT, keys, self._positions["engagement"], MARK_SECONDS * 1000)

    def _lift(self, log: str) -> None:
        self._floor[log] = self._positions[log]

    async def _renew(self) -> None:
        """Write the floor as it must be; a failure is made up for by the next renewal, or by the end of the lease."""
        pairs = [part for log in ("engagement", "catalog") for part in (log, self._floor.get(log, 0))]
        await self._connection.run(LIFT_FLOOR, [FLOOR], *pairs, int(LEASE_SECONDS * 1000))

    async def _keep_renewing(self) -> None:
        while True:
            await asyncio.sleep(RENEWAL_SECONDS)
            await self._renew()
