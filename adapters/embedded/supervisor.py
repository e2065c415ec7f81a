"""Keeps one service running."""

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import msgspec

from adapters.embedded.service import CannotStart, Health, Service, health_of
from adapters.embedded.spawning import exit_of, outcome, stop
from adapters.embedded.starting import Started, start, until_ready

Say = Callable[[str, str], None]
"""Called with the name of a service and what has just happened to it, as a clause: ``ready after 0.07 s``."""


class Patience(msgspec.Struct, frozen=True, kw_only=True):
    """How long is too long, in seconds."""

    between_questions: float = 2.0
    to_answer: float = 2.0
    to_start: float = 120.0
    to_stop: float = 15.0
    to_stop_failing: float = 3.0
    """For one that hangs, and so will hardly stop when asked."""
    shortest_pause: float = 0.1
    longest_pause: float = 5.0
    memory: float = 60.0
    """Failures older than this are forgotten."""
    too_often: int = 10
    """This many failures in ``memory`` seconds are worth a loud word."""


class Supervisor:
    """Starts a service, and starts it again whenever it ends or hangs, later each time.

    ``started`` says that there is a new process.
    """

    def __init__(
        self, service: Service, *, logs: Path, say: Say, started: Callable[[], None], patience: Patience
    ) -> None:
        self.service = service
        self.current: Started | None = None
        self.task: asyncio.Task[None]
        self._logs = logs
        self._say = say
        self._started = started
        self._patience = patience
        self._failures = deque[float]()
        self._ending = False
        self._first_start: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def start(self) -> None:
        """Keep it running from now on, until `stop`."""
        self.task = asyncio.create_task(self._run(), name=self.service.name)

    async def first_start(self) -> None:
        """Wait until it is ready for the first time.  Raises `CannotStart` if the first attempt fails."""
        await asyncio.wait({self.task, self._first_start}, return_when=asyncio.FIRST_COMPLETED)
        if self.task.done():
            self.task.result()
        self._first_start.result()

    async def stop(self) -> None:
        """Ask it to end, and wait until it has."""
        self._end()
        await asyncio.wait({self.task})

    def kill(self) -> None:
        """End it without asking."""
        self._end()
        if self.current is not None:
            self.current.process.kill()

    def _end(self) -> None:
        if not self._ending:  # asking the task would not do: it counts a timeout that has just struck as well
            self._ending = True
            self.task.cancel()

    async def _one_life(self) -> str:
        """From its start to its failure, which is returned as a clause."""
        clock = asyncio.get_running_loop().time
        began = clock()
        self.current = started = await start(self.service, logs=self._logs)
        grace = self._patience.to_stop_failing
        try:
            self._started()
            await until_ready(self.service, started, seconds=self._patience.to_start)
            self._say(self.service.name, f"ready {'again ' if self._failures else ''}after {clock() - began:.2f} s")
            self._conclude_first_start(None)
            return await self._failure(started)
        except asyncio.CancelledError:
            grace = self._patience.to_stop
            raise
        finally:
            await stop(started.process, started.command.stop_signal, seconds=grace)
            self.current = None

    async def _failure(self, started: Started) -> str:
        clock = asyncio.get_running_loop().time
        last_sign = clock()
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._patience.between_questions):
                    return outcome(await exit_of(started.process))
            if await health_of(self.service, seconds=self._patience.to_answer) is not Health.FAILING:
                last_sign = clock()
            elif clock() - last_sign > self.service.patience:
                return f"gave no healthy answer for {clock() - last_sign:.0f} s"

    async def _run(self) -> None:
        while True:
            try:
                reason = await self._one_life()
            except (CannotStart, OSError) as problem:  # such as a full disk, which will have room again
                reason = str(problem)
                self._conclude_first_start(CannotStart(f"{self.service.name}: {reason}"))
            await asyncio.sleep(self._pause_after(reason))

    def _conclude_first_start(self, problem: CannotStart | None) -> None:
        if self._first_start.done():
            return
        if problem is None:
            self._first_start.set_result(None)
        else:
            self._first_start.set_exception(problem)
            self._first_start.exception()  # seen, even if nobody waits for it

    def _pause_after(self, reason: str) -> float:
        """Note the failure; the seconds to wait double with each one that is not yet forgotten."""
        limits, now = self._patience, asyncio.get_running_loop().time()
        self._failures.append(now)
        while now - self._failures[0] > limits.memory:
            self._failures.popleft()
        count = len(self._failures)
        pause = min(limits.shortest_pause * 2 ** (count - 1), limits.longest_pause)
        self._say(self.service.name, f"{reason}; starts again in {pause:g} s")
        if count >= limits.too_often:
            log = self._logs / f"{self.service.name}.log"
            self._say(self.service.name, f"FAILED {count} TIMES in {limits.memory:.0f} s: see {log}")
        return pause
