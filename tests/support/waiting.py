"""Waiting for what will be so, with a deadline; never for a time that hopes."""

import asyncio
import time
from collections.abc import Awaitable, Callable

DEADLINE_SECONDS = 20.0


async def until(holds: Callable[[], bool | Awaitable[bool]], *, seconds: float = DEADLINE_SECONDS) -> float:
    """Wait until ``holds`` does; returns how long that took, and fails after ``seconds``."""
    began = time.monotonic()
    while True:
        answer = holds()
        if answer if isinstance(answer, bool) else await answer:
            return time.monotonic() - began
        assert time.monotonic() - began < seconds, f"not so after {seconds} seconds"
        await asyncio.sleep(0.01)


def until_now(holds: Callable[[], bool], *, seconds: float = DEADLINE_SECONDS) -> None:
    """`until`, where there is no event loop."""
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < seconds, f"not so after {seconds} seconds"
        time.sleep(0.01)
