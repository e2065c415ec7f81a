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
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import UUID

import structlog
from psycopg import AsyncConnection, OperationalError
from psycopg.errors import UniqueViolation

from adapters.postgres.arrays import bigints, byteas, uuids
from adapters.postgres.log_tables import LogTables, columns, once_columns
from adapters.postgres.mapper import FactRow
from adapters.postgres.settling import EffectiveCall, Outcome, Settled, Submission, settle
from adapters.postgres.waiting import Waiting, WaitingLine
from application.actor import Once
from application.ports import LogUnavailable, Recorded

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

Connection = AsyncConnection[tuple[Any, ...]]

BATCH_EVENTS = 2_000
"""Where a batch ends: a bigger one commits no faster, and keeps those behind it waiting."""

RECONNECT_SECONDS = 0.2


class GroupCommitWriter:
    """Records submissions in the order they came.

    ``capacity`` counts events that may wait; ``patience`` is how long, in
    seconds, a caller waits before `LogUnavailable`.  ``committed`` is called
    with the last position after every commit, ``appended`` with the number of
    events in it.
    """

    def __init__(
        self,
        connect: Callable[[], Awaitable[Connection]],
        tables: LogTables,
        *,
        capacity: int,
        patience: float = 10.0,
        committed: Callable[[int], None] = lambda _: None,
        appended: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._connect = connect
        self._tables = tables
        self._patience = patience
        self._committed = committed
        self._appended = appended
        self._line = WaitingLine(capacity=capacity)
        self._batch: list[Waiting] = []
        self._connection: Connection | None = None
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to record; call once, on the loop that will submit."""
        self._tasks = [asyncio.create_task(self._run()), asyncio.create_task(self._watch_patience())]

    async def close(self) -> None:
        """Record what waits, then stop; waits no longer than callers do."""
        self._line.close()
        if self._tasks:
            await asyncio.wait(self._tasks[:1], timeout=self._patience)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._disconnect()

    @property
    def queued_events(self) -> int:
        """How many events wait for the next commit."""
        return self._line.events

    def submit(
        self, rows: Sequence[FactRow], *, apart: bool, once: Once | None = None
    ) -> "asyncio.Future[Sequence[Recorded]]":
        """Where each row stands once it is on disk, in order; with ``once``, that is kept in the same commit.

        The future raises `ConcurrentWrite` (not if ``apart``) and
        `LogUnavailable`; this call raises `LogBusy` if too much waits already.
        """
        return self._line.join(Submission(rows, apart, once)).future

    async def _run(self) -> None:
        while batch := await self._line.next_batch(limit=BATCH_EVENTS):
            self._batch = batch
            await self._record(batch)

    async def _record(self, batch: Sequence[Waiting]) -> None:
        """Answer every caller of ``batch``; does not return before that."""
        while not all(waiting.done for waiting in batch):
            try:
                outcomes: Sequence[Outcome | Exception] = await self._attempt(await self._connected(), batch)
            except (OperationalError, OSError) as lost:
                # Whether the commit happened is unknown: if it did, the next attempt meets its own events and looks.
                log.warning("log_connection_lost", error=str(lost).strip())
                await self._disconnect()
                await asyncio.sleep(RECONNECT_SECONDS)
                continue
            except Exception as bug:
                log.exception("batch_failed", submissions=len(batch))
                await self._disconnect()
                outcomes = [bug] * len(batch)
            for waiting, outcome in zip(batch, outcomes, strict=True):
                waiting.answer(outcome)

    async def _attempt(self, connection: Connection, batch: Sequence[Waiting]) -> Sequence[Outcome]:
        try:
            return await self._just_append(connection, batch)
        except UniqueViolation:
            return await self._look_and_append(connection, batch)

    async def _just_append(self, connection: Connection, batch: Sequence[Waiting]) -> Sequence[Outcome]:
        rows, calls = _laid_out([waiting.submission for waiting in batch])
        position = await self._append(connection, rows, calls)
        outcomes: list[Outcome] = []
        for waiting in batch:
            first, position = position + 1, position + len(waiting.submission.rows)
            outcomes.append([Recorded(each, duplicate=False) for each in range(first, position + 1)])
        self._committed(position)
        self._appended(len(rows))
        return outcomes

    async def _look_and_append(self, connection: Connection, batch: Sequence[Waiting]) -> Sequence[Outcome]:
        async with connection.transaction():
            settled = await self._settle(connection, [waiting.submission for waiting in batch])
            before = await self._append(connection, settled.rows, settled.calls) if settled.rows else None
        if before is not None:
            self._committed(before + len(settled.rows))
            self._appended(len(settled.rows))
        return settled.outcomes

    async def _settle(self, connection: Connection, submissions: Sequence[Submission]) -> Settled:
        rows = [row for submission in submissions for row in submission.rows]
        asked = uuids([row.stream_id for row in rows]), bigints([row.version for row in rows])
        async with connection.cursor(binary=True) as cursor:
            await cursor.execute(self._tables.lock_head)
            [(head,)] = await cursor.fetchall()
            await cursor.execute(self._tables.event_ids, (uuids([row.event_id for row in rows]),))
            event_ids: dict[UUID, int] = dict(await cursor.fetchall())
            await cursor.execute(self._tables.versions, asked)
            versions = {(stream, version): position for stream, version, position in await cursor.fetchall()}
            keys = [submission.once.key for submission in submissions if submission.once]
            await cursor.execute(self._tables.taken, (byteas(keys),))
            taken = {bytes(key) for (key,) in await cursor.fetchall()}
        return settle(submissions, head=head, event_ids=event_ids, versions=versions, taken=taken)

    async def _append(self, connection: Connection, rows: Sequence[FactRow], calls: Sequence[EffectiveCall]) -> int:
        async with connection.cursor(binary=True) as cursor:
            if calls:
                together = (*columns(rows), *once_columns(calls))
                await cursor.execute(self._tables.append_once, together, prepare=True)
            else:
                await cursor.execute(self._tables.append, columns(rows), prepare=True)
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
            since = time.monotonic() - self._patience
            self._line.turn_away(since=since)
            for waiting in self._batch:
                if waiting.since <= since:
                    waiting.answer(LogUnavailable("the log did not answer in time"))


def _laid_out(submissions: Sequence[Submission]) -> tuple[list[FactRow], list[EffectiveCall]]:
    rows: list[FactRow] = []
    calls: list[EffectiveCall] = []
    for submission in submissions:
        rows.extend(submission.rows)
        if submission.once:
            calls.append((submission.once, rows[-1], len(rows)))
    return rows, calls
