"""The loop around a projector: woken by the doorbell, polling as a backstop, restarted with back-off."""

import asyncio
import contextlib
from typing import Protocol

import structlog

from projections.read_model import PositionMoved
from workers.vitals import VITALS, Pulse

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

POLL_SECONDS = 0.25
"""How late a fact may be noticed when the doorbell is out of order."""

FIRST_PAUSE, LONGEST_PAUSE = 0.1, 10.0
"""Seconds to wait after a failure, doubled each time and forgotten after a success."""


class Stepper(Protocol):
    """What follows a log, one batch at a time."""

    name: str

    async def step(self) -> int:
        """Take in one batch; 0 when there was nothing new."""
        ...


async def catch_up(stepper: Stepper) -> None:
    """Take in all there is now."""
    await _catch_up(stepper, Pulse(stepper.name))


async def _catch_up(stepper: Stepper, pulse: Pulse) -> None:
    taken = 1
    while taken:
        with pulse.step(fine=PositionMoved):
            taken = await stepper.step()
        await asyncio.sleep(0)  # gives others a turn


async def follow(stepper: Stepper, doorbell: asyncio.Event) -> None:
    """Step for ever, until cancelled; a batch that has begun is finished or rolled back as a whole."""
    with VITALS.of(stepper.name) as pulse:
        await _follow(stepper, doorbell, pulse)


async def _follow(stepper: Stepper, doorbell: asyncio.Event, pulse: Pulse) -> None:
    pause = FIRST_PAUSE
    while True:
        _heed_cancellation()
        try:
            doorbell.clear()
            await _catch_up(stepper, pulse)
        except PositionMoved as moved:
            # Another process runs the same projector: it does the work, this one stands by.
            log.info("follower_overtaken", follower=stepper.name, detail=str(moved))
            await asyncio.sleep(LONGEST_PAUSE)
        except Exception as error:
            # Nothing is skipped: the same batch comes again, whatever went wrong with it.
            log.exception("follower_failed", follower=stepper.name, retry_seconds=pause, error=str(error))
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
        else:
            pause = FIRST_PAUSE
            # Not wait_for: that of Python 3.11 loses a cancellation that comes while the doorbell rings.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(POLL_SECONDS):
                    await doorbell.wait()


def _heed_cancellation() -> None:
    """Raise again what was swallowed on the way: psycopg's pool waits for connections with `wait_for`."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
