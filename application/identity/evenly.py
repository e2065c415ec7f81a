"""Answers that take the same time whatever they found."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

STEP_SECONDS = 0.25
"""Several times what the work takes, so that nearly all answers end with the first step."""


@asynccontextmanager
async def evenly(step: float = STEP_SECONDS) -> AsyncGenerator[None]:
    """End the block, refusals too, at a multiple of ``step`` seconds after its beginning.

    Who measures the answer learns how many steps it took, and nothing finer.
    """
    began = time.monotonic()
    try:
        yield
    except Exception:
        await asyncio.sleep(-(time.monotonic() - began) % step)
        raise
    await asyncio.sleep(-(time.monotonic() - began) % step)
