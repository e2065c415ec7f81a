"""Rate limits that all processes count together.

The generic cell rate algorithm keeps one number for each subject: the moment at
which everything will be given back.  A script moves it on in one round trip, by
the server's clock, so that processes whose clocks differ still count alike.
"""

from hashlib import blake2b

from prometheus_client import Counter

from adapters.memory.limiter import MemoryLimiter, interval, verdict
from adapters.redis.connection import RedisConnection
from adapters.redis.shared_trips import SharedTrips
from application.limits import Limit, Verdict

PREFIX = "playhead:limit"

TAKE = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local most, wanted = tonumber(ARGV[1]), tonumber(ARGV[2])
local before = tonumber(redis.call('GET', KEYS[1])) or now
before = math.min(math.max(before, now), now + most)
local after = before + wanted
if after > now + most then
    return {0, before - now}
end
redis.call('SET', KEYS[1], string.format('%.0f', after), 'PX', math.ceil((after - now) / 1000))
return {1, after - now}
"""
"""Microseconds throughout.  What lies further ahead than a whole limit was written before the clock was set back."""

UNSHARED = Counter(
    "playhead_rate_limit_unshared_total",
    "Rate limit decisions made while Redis was away: counted by this process alone, or let through uncounted.",
    ["decision"],
)


class RedisLimiter:
    """`Limiter` on Redis or a cluster of it; while it is away each process counts for itself.

    That still bounds who guesses passwords, at the limit times the number of
    processes.  Subjects are stored as digests: some are addresses of people.
    """

    def __init__(self, connection: RedisConnection) -> None:
        self._script = SharedTrips(connection, TAKE)
        self._alone = MemoryLimiter()

    async def take(self, limit: Limit, subject: str, *, cost: int = 1, fail_open: bool = False) -> Verdict:
        """See `Limiter`."""
        one = interval(limit)
        taken = await self._script.run(_key(limit, subject), one * limit.count, one * cost)
        if taken is not None:
            allowed, backlog = taken
            return verdict(limit, allowed=bool(allowed), backlog=int(backlog), cost=cost)
        if fail_open:
            UNSHARED.labels("let_through").inc()
            return Verdict(allowed=True, limit=limit, remaining=limit.count, retry_after=0, reset=0)
        UNSHARED.labels("counted_alone").inc()
        return await self._alone.take(limit, subject, cost=cost)


def _key(limit: Limit, subject: str) -> str:
    return f"{PREFIX}:{limit.name}:{{{blake2b(subject.encode(), digest_size=16).hexdigest()}}}"
