"""How often somebody may ask for something."""

from typing import Protocol

import msgspec


class Limit(msgspec.Struct, frozen=True):
    """At most ``count`` at once, coming back evenly over ``seconds``.

    The generic cell rate algorithm (ITU-T I.371, annex A): one is given back
    every ``seconds / count``.  ``name`` keeps what different limits count apart.
    """

    name: str
    count: int
    seconds: float


class Verdict(msgspec.Struct, frozen=True):
    """Whether one more is allowed; ``remaining`` is how many are left now.

    ``retry_after`` is in how many seconds the next will be allowed (0 if it is
    now), ``reset`` in how many all of ``limit`` are there again.
    """

    allowed: bool
    limit: Limit
    remaining: int
    retry_after: float
    reset: float


class TooMany(Exception):
    """Somebody asked more often than they may; nothing was done."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(f"at most {verdict.limit.count} in {verdict.limit.seconds:g} seconds")
        self.verdict = verdict


class Limiter(Protocol):
    """Counts for all processes together, as far as they can speak to each other."""

    async def take(self, limit: Limit, subject: str, *, cost: int = 1, fail_open: bool = False) -> Verdict:
        """Count ``cost`` more for ``subject``, if that is allowed; what is not allowed is not counted.

        Never raises.  While processes cannot count together each counts for
        itself; with ``fail_open`` everything is allowed then.
        """
        ...
