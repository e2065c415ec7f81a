"""The group commit: everything that waits is recorded in one statement, one round trip, one fsync.

One writer for each log and process.  It takes what is queued the moment the
previous commit returns; there is no linger timer, so a lone caller waits for
one commit and a crowd shares one.  Of a great crowd it takes half, and records
the other half while the first is answered.  Any number of processes may write:
they take turns on the log's head row.
"""

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import UUID

import structlog
from psycopg import AsyncConnection, OperationalError
from psycopg.errors import UniqueViolation

from adapters.postgres.arrays import bigints, byteas, texts, uuids
from adapters.postgres.log_tables import LogTables
from adapters.postgres.mapper import FactRow
from adapters.postgres.settling import Outcome, Settled, Submission, settle
from application.ports import LogBusy, LogUnavailable, Recorded

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

Connection = AsyncConnection[tuple[Any, ...]]

BATCH_EVENTS = 2_000
"""Where a batch ends: beyond this a bigger one commits no faster (measured: ``./playhead bench append``)."""

UNDIVIDED_EVENTS = 128
"""Fewer than this are recorded together.  Of more that wait half are taken, else the server has nothing to do while
callers are answered and come again (measured: a quarter to a half faster with 512 callers, or 16 that bring 100 each)."""

RECONNECT_SECONDS = 0.2


class _Waiting:
    """A submission, and the caller who waits for its outcome."""

    __slots__ = ("future", "since", "submission")

    def __init__(self, submission: Submission) -> None:
        self.submission = submission
        self.future: asyncio.Future[Sequence[Recorded]] = asyncio.get_running_loop().create_future()
        self.since = time.monotonic()

    def answer(self, outcome: Sequence[Recorded] | Exception) -> None:
        if self.future.done():
            return
        if isinstance(outcome, Exception):
            self.future.set_exception(outcome)
        else:
            self.future.set_result(outcome)


class GroupCommitWriter:
    """Records submissions in the order they came.

    ``capacity`` counts events that may wait; ``patience`` is how long, in
    seconds, a caller waits before `LogUnavailable`.  ``committed`` is called
    with the last position after every commit.
    """

    def __init__(
        self,
        connect: Callable[[], Awaitable[Connection]],
        tables: LogTables,
        *,
        capacity: int,
        patience: float = 10.0,
        committed: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._connect = connect
        self._tables = tables
        self._capacity = capacity
        self._patience = patience
        self._committed = committed
        self._queue: deque[_Waiting] = deque()
        self._current: list[_Waiting] = []
        self._queued_events = 0
        self._arrival = asyncio.Event()
        self._connection: Connection | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._closing = False

    def start(self) -> None:
        """Begin to record; call once, on the loop that will submit."""
        self._tasks = [asyncio.create_task(self._run()), asyncio.create_task(self._watch_patience())]

    async def close(self) -> None:
        """Record what waits, then stop; waits no longer than callers do."""
        self._closing = True
        self._arrival.set()
        for task in self._tasks[:1]:
            await asyncio.wait([task], timeout=self._patience)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._connection is not None:
            await self._connection.close()

    @property
    def queued_events(self) -> int:
        """How many events wait for the next commit."""
        return self._queued_events

    def submit(self, rows: Sequence[FactRow], *, apart: bool) -> "asyncio.Future[Sequence[Recorded]]":
        """Where each row stands once it is on disk, in order.

        The future raises `ConcurrentWrite` (not if ``apart``) and
        `LogUnavailable`; this call raises `LogBusy` if too much waits already.
        """
        if self._closing or (self._queue and self._queued_events + len(rows) > self._capacity):
            raise LogBusy(f"{self._queued_events} events wait to be recorded")
        waiting = _Waiting(Submission(rows, apart))
        self._queue.append(waiting)
        self._queued_events += len(rows)
        self._arrival.set()
        return waiting.future

    async def _run(self) -> None:
        while self._queue or not self._closing:
            await self._arrival.wait()
            self._current = self._next_batch()
            if self._current:
                await self._record(self._current)
            self._current = []

    def _next_batch(self) -> list[_Waiting]:
        batch: list[_Waiting] = []
        events, most = 0, min(BATCH_EVENTS, max(UNDIVIDED_EVENTS, self._queued_events // 2))
        while self._queue and (not batch or events + len(self._queue[0].submission.rows) <= most):
            waiting = self._queue.popleft()
            self._queued_events -= len(waiting.submission.rows)
            if not waiting.future.done():
                batch.append(waiting)
                events += len(waiting.submission.rows)
        if not self._queue and not self._closing:
            self._arrival.clear()
        return batch

    async def _record(self, batch: list[_Waiting]) -> None:
        """Answer every caller of ``batch``; does not return before that."""
        uncertain = False
        while any(not waiting.future.done() for waiting in batch):
            try:
                connection = await self._connected()
                outcomes = await (self._look_and_append if uncertain else self._just_append)(connection, batch)
            except UniqueViolation:
                uncertain = True
            except (OperationalError, OSError) as lost:
                # Whether the commit happened is unknown: from now on look before appending.
                uncertain = True
                log.warning("log_connection_lost", error=str(lost).strip())
                await self._disconnect()
                await asyncio.sleep(RECONNECT_SECONDS)
            except Exception as bug:
                log.exception("batch_failed", events=sum(len(waiting.submission.rows) for waiting in batch))
                await self._disconnect()
                _answer(batch, [bug] * len(batch))
            else:
                _answer(batch, outcomes)

    async def _just_append(self, connection: Connection, batch: list[_Waiting]) -> Sequence[Outcome]:
        rows = [row for waiting in batch for row in waiting.submission.rows]
        position = await self._append(connection, rows)
        outcomes: list[Outcome] = []
        for waiting in batch:
            first, position = position + 1, position + len(waiting.submission.rows)
            outcomes.append([Recorded(each, duplicate=False) for each in range(first, position + 1)])
        self._committed(position)
        return outcomes

    async def _look_and_append(self, connection: Connection, batch: list[_Waiting]) -> Sequence[Outcome]:
        async with connection.transaction():
            settled = await self._settle(connection, [waiting.submission for waiting in batch])
            before = await self._append(connection, settled.rows) if settled.rows else None
        if before is not None:
            self._committed(before + len(settled.rows))
        return settled.outcomes

    async def _settle(self, connection: Connection, submissions: Sequence[Submission]) -> Settled:
        rows = [row for submission in submissions for row in submission.rows]
        streams, versions = uuids([row.stream_id for row in rows]), bigints([row.version for row in rows])
        async with connection.cursor(binary=True) as cursor:
            await cursor.execute(self._tables.lock_head)
            [(head,)] = await cursor.fetchall()
            await cursor.execute(self._tables.event_ids, (uuids([row.event_id for row in rows]),))
            event_ids: dict[UUID, int] = dict(await cursor.fetchall())
            await cursor.execute(self._tables.versions, (streams, versions))
            taken = {(stream, version): position for stream, version, position in await cursor.fetchall()}
        return settle(submissions, head=head, event_ids=event_ids, versions=taken)

    async def _append(self, connection: Connection, rows: Sequence[FactRow]) -> int:
        columns = (
            uuids([row.stream_id for row in rows]),
            bigints([row.version for row in rows]),
            texts([row.tag for row in rows]),
            byteas([row.state for row in rows]),
            uuids([row.event_id for row in rows]),
            uuids([row.subject_id for row in rows]),
        )
        async with connection.cursor(binary=True) as cursor:
            await cursor.execute(self._tables.append, (len(rows), len(rows), *columns), prepare=True)
            [(before,)] = await cursor.fetchall()
        return before

    async def _connected(self) -> Connection:
        if self._connection is None or self._connection.closed:
            self._connection = await self._connect()
        return self._connection

    async def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(OperationalError, OSError):
                await connection.close()

    async def _watch_patience(self) -> None:
        while True:
            await asyncio.sleep(min(0.5, self._patience / 4))
            oldest_allowed = time.monotonic() - self._patience
            for waiting in (*self._current, *self._queue):
                if waiting.since > oldest_allowed:
                    break
                waiting.answer(LogUnavailable("the log did not answer in time"))


def _answer(batch: Sequence[_Waiting], outcomes: Sequence[Outcome | Exception]) -> None:
    for waiting, outcome in zip(batch, outcomes, strict=True):
        waiting.answer(outcome)
