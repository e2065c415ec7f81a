"""Callers that wait for their commit, in the order they came, and how many there may be."""

import asyncio
import time
from collections import deque
from collections.abc import Sequence

from adapters.postgres.settling import Submission
from application.ports import LogBusy, LogUnavailable, Recorded

UNDIVIDED_EVENTS = 128
"""Fewer than this are served together.  Of more that wait half are taken, else the server has nothing to do while
callers are answered and come again (a quarter to a half faster with 512 callers, or 16 that bring 100 each)."""


class Waiting:
    """A submission, and the caller who waits for its outcome; a caller who left is ``done``."""

    __slots__ = ("future", "since", "submission")

    def __init__(self, submission: Submission) -> None:
        self.submission = submission
        self.future: asyncio.Future[Sequence[Recorded]] = asyncio.get_running_loop().create_future()
        self.since = time.monotonic()

    @property
    def done(self) -> bool:
        """Whether nobody waits any more."""
        return self.future.done()

    def answer(self, outcome: Sequence[Recorded] | Exception) -> None:
        """Let the caller go on; the first answer counts."""
        if self.future.done():
            return
        if isinstance(outcome, Exception):
            self.future.set_exception(outcome)
        else:
            self.future.set_result(outcome)


class WaitingLine:
    """First come, first served; ``capacity`` counts events, and one submission may always wait."""

    def __init__(self, *, capacity: int) -> None:
        self._capacity = capacity
        self._line: deque[Waiting] = deque()
        self._arrival = asyncio.Event()
        self._closed = False
        self.events = 0
        """How many events wait."""

    def join(self, submission: Submission) -> Waiting:
        """Stand in line; raises `LogBusy` if too much waits already, or nobody will be served any more."""
        if self._closed or (self._line and self.events + len(submission.rows) > self._capacity):
            raise LogBusy(f"{self.events} events wait to be recorded")
        waiting = Waiting(submission)
        self._line.append(waiting)
        self.events += len(submission.rows)
        self._arrival.set()
        return waiting

    async def next_batch(self, *, limit: int) -> list[Waiting]:
        """Those at the front, once there are some: at most ``limit`` events, or one submission that has more.

        Of a line longer than `UNDIVIDED_EVENTS` it is half.
        Empty only when the line is closed and everybody was served.
        """
        batch: list[Waiting] = []
        while not batch and (self._line or not self._closed):
            await self._arrival.wait()
            batch = self._take(limit)
        return batch

    def close(self) -> None:
        """Let nobody join any more; those who wait are still served."""
        self._closed = True
        self._arrival.set()

    def turn_away(self, *, since: float) -> None:
        """Answer those who have waited from before ``since`` (monotonic seconds) with `LogUnavailable`."""
        for waiting in self._line:
            if waiting.since > since:
                break
            waiting.answer(LogUnavailable("the log did not answer in time"))

    def _take(self, limit: int) -> list[Waiting]:
        batch: list[Waiting] = []
        taken, most = 0, min(limit, max(UNDIVIDED_EVENTS, self.events // 2))
        while self._line and (not batch or taken + len(self._line[0].submission.rows) <= most):
            waiting = self._line.popleft()
            self.events -= len(waiting.submission.rows)
            if not waiting.done:
                batch.append(waiting)
                taken += len(waiting.submission.rows)
        if not self._line and not self._closed:
            self._arrival.clear()
        return batch
