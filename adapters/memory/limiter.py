"""Rate limits counted in this process alone."""

import time
from collections import OrderedDict

from application.limits import Limit, Verdict

SUBJECTS = 100_000
"""How many may be counted at once; beyond it those who were counted longest ago begin anew."""

MICROSECONDS = 1_000_000


class MemoryLimiter:
    """`Limiter` for one process: as exact as the shared one, for those who ask here."""

    def __init__(self) -> None:
        self._full_at: OrderedDict[tuple[str, str], int] = OrderedDict()

    async def take(self, limit: Limit, subject: str, *, cost: int = 1, fail_open: bool = False) -> Verdict:
        """See `Limiter`."""
        now, key = time.monotonic_ns() // 1_000, (limit.name, subject)
        before = max(now, self._full_at.get(key, 0))
        after = before + interval(limit) * cost
        allowed = after <= now + interval(limit) * limit.count
        if allowed:
            self._full_at[key] = after
            self._full_at.move_to_end(key)
            while len(self._full_at) > SUBJECTS:
                self._full_at.popitem(last=False)
        return verdict(limit, allowed=allowed, backlog=(after if allowed else before) - now, cost=cost)


def interval(limit: Limit) -> int:
    """The time in which one is given back, in microseconds."""
    return max(1, round(limit.seconds * MICROSECONDS / limit.count))


def verdict(limit: Limit, *, allowed: bool, backlog: int, cost: int = 1) -> Verdict:
    """What ``backlog``, the microseconds until everything is given back, means to somebody who asked for ``cost``."""
    one = interval(limit)
    room = one * limit.count - backlog
    wanted = one * (1 if allowed else cost)
    return Verdict(
        allowed=allowed,
        limit=limit,
        remaining=max(0, room // one),
        retry_after=max(0, wanted - room) / MICROSECONDS,
        reset=backlog / MICROSECONDS,
    )
