"""What has had its time is forgotten: keys of calls, sessions, mails.

A sweep is a line in `sweeps_of`.  All may be run by any number of processes, at
any moment, and again.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta

import structlog
from prometheus_client import Counter

from adapters.composition import System
from workers.follow import follow

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

EVERY_SECONDS = 600.0

CALLS_KEPT = timedelta(hours=24)
"""For how long a call with an Idempotency-Key is answered again as it was."""

MAILS_KEPT = timedelta(days=30)
"""For how long it can be seen that a mail was sent, or given up."""

Sweep = Callable[[datetime], Awaitable[int]]
"""Forgets what has had its time at that moment; returns how many."""

SWEPT = Counter("playhead_swept_total", "Rows forgotten because they had had their time.", ["what"])


def sweeps_of(system: System) -> Mapping[str, Sweep]:
    """All sweeps, by what they forget."""
    return {
        **{f"{name}_calls": _calls(system, name) for name in system.logs},
        "sessions": system.vault.sweep,
        "mails": _mails(system),
    }


async def keep_house(system: System) -> None:
    """Run until cancelled."""
    async with asyncio.TaskGroup() as tasks:
        for what, sweep in sweeps_of(system).items():
            tasks.create_task(follow(Sweeping(system, what, sweep), asyncio.Event()))


class Sweeping:
    """One sweep, now and every `EVERY_SECONDS`; one that fails is tried again soon."""

    def __init__(self, system: System, what: str, sweep: Sweep) -> None:
        self.name = f"housekeeping:{what}"
        self._clock = system.clock
        self._what = what
        self._sweep = sweep
        self._swept: float | None = None

    async def step(self) -> int:
        """Sweep if it is time to; there is never more to do at once."""
        if self._swept is None or time.monotonic() - self._swept >= EVERY_SECONDS:
            rows = await self._sweep(self._clock())
            self._swept = time.monotonic()
            SWEPT.labels(self._what).inc(rows)
            if rows:
                log.info("swept", what=self._what, rows=rows)
        return 0


def _calls(system: System, name: str) -> Sweep:
    return lambda now: system.logs[name].sweep(now - CALLS_KEPT)


def _mails(system: System) -> Sweep:
    async def sweep(now: datetime) -> int:
        settled = await system.outbox.sweep(now - MAILS_KEPT)
        if system.mailbox is not None:
            await system.mailbox.remove(settled)
        return len(settled)

    return sweep
