"""The loop around a stepper."""

import asyncio
import contextlib

import pytest

from tests.support.waiting import until
from workers.follow import follow

pytestmark = pytest.mark.anyio


class NothingNew:
    name = "nothing"
    steps = 0

    async def step(self) -> int:
        self.steps += 1
        return 0


@pytest.mark.parametrize("turns", range(8))
async def test_told_to_stop_while_the_doorbell_rings_it_stops(turns: int):
    doorbell, stepper = asyncio.Event(), NothingNew()
    follower = asyncio.create_task(follow(stepper, doorbell))
    await until(lambda: stepper.steps > 0)

    doorbell.set()
    for _ in range(turns):
        await asyncio.sleep(0)
    follower.cancel()

    await asyncio.wait([follower], timeout=1)
    assert follower.cancelled()


async def test_a_ring_is_heard_at_once_and_not_at_the_next_look(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("workers.follow.POLL_SECONDS", 60)
    doorbell, stepper = asyncio.Event(), NothingNew()
    follower = asyncio.create_task(follow(stepper, doorbell))
    await until(lambda: stepper.steps > 0)
    doorbell.set()
    await until(lambda: stepper.steps > 1, seconds=5)
    follower.cancel()
    await asyncio.wait([follower], timeout=1)


class Swallowing:
    """A step that loses a cancellation, as `asyncio.wait_for` of Python 3.11 can."""

    name = "swallowing"

    def __init__(self) -> None:
        self.begun = asyncio.Event()

    async def step(self) -> int:
        self.begun.set()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(60)
        return 0


async def test_a_cancellation_that_a_step_loses_is_heeded_after_it():
    swallowing = Swallowing()
    following = asyncio.create_task(follow(swallowing, asyncio.Event()))
    await swallowing.begun.wait()
    following.cancel()
    done, _ = await asyncio.wait([following], timeout=5)
    assert done
    assert following.cancelled()
