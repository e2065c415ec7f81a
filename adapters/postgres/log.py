"""`EventLog` on PostgreSQL: reads through a pool, writes through the group commit."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from prometheus_client import Counter
from psycopg import AsyncConnection, OperationalError
from psycopg_pool import AsyncConnectionPool

from adapters.postgres.connections import connect
from adapters.postgres.log_tables import log_tables
from adapters.postgres.mapper import FactMapper, LogRow, subjects_to_open, subjects_to_seal
from adapters.postgres.reader import LogReader
from adapters.postgres.subject_keys import SubjectKeys
from adapters.postgres.writer import GroupCommitWriter
from application.actor import Once
from application.ports import Kept, LogUnavailable, OnceReused, Recorded
from application.tracing import Tracing, spanned
from domain.kernel.event import Event, Fact, Occurrence

Pool = AsyncConnectionPool[AsyncConnection[Any]]

PAGE = 200
"""Facts of one person that are in memory at once."""

APPENDED = Counter("playhead_events_appended_total", "Events that this process recorded, without duplicates.", ["log"])


class HoleInLog(Exception):
    """A reader saw a position without the one before it: a bug, or a tampered log."""


class PostgresLog:
    """The log of one context; `start` it on the loop that will use it."""

    def __init__(
        self,
        name: str,
        *,
        url: str,
        pool: Pool,
        keys: SubjectKeys,
        capacity: int = 20_000,
        committed: Callable[[str, int], None] = lambda _, __: None,
        tracing: Tracing | None = None,
    ) -> None:
        self.name = name
        self._tables = log_tables(name)
        self._pool = pool
        self._keys = keys
        self._mapper = FactMapper(keys)
        self._searching = asyncio.Semaphore(1)
        self._tracing = tracing
        self._reader = LogReader(url, self._tables.read)
        self.writer = GroupCommitWriter(
            lambda: connect(url),
            self._tables,
            capacity=capacity,
            committed=lambda position: committed(name, position),
            appended=APPENDED.labels(name).inc,
        )

    def start(self) -> None:
        """Begin to record what is submitted."""
        self.writer.start()

    async def close(self) -> None:
        """Record what waits, then stop."""
        await self.writer.close()
        await self._reader.close()

    async def stream(self, stream_id: UUID) -> Sequence[Fact[Any]]:
        """The facts of one stream, oldest first; empty if it does not exist."""
        async with self._pool.connection() as connection, connection.cursor(binary=True) as cursor:
            await cursor.execute(self._tables.stream, (stream_id,), prepare=True)
            rows = await cursor.fetchall()
        await self._load_keys(rows)
        return self._mapper.facts(rows)

    async def append(self, facts: Sequence[Fact[Event]], *, once: Once | None = None) -> int:
        """Record facts all together; see `EventLog.append`."""
        recorded = await self._submit(facts, apart=False, once=self._stored(once) if once else None)
        return recorded[-1].position

    async def kept(self, once: Once) -> Kept | None:
        """What came of an earlier call with this key; see `EventLog.kept`."""
        async with self._pool.connection() as connection:
            row = await (await connection.execute(self._tables.kept, (once.key,), prepare=True)).fetchone()
        if row is None:
            return None
        digest, *kept = row
        if digest != self._stored(once).digest:
            raise OnceReused("this key was used before, for another call", field="Idempotency-Key")
        return Kept(*kept)

    async def keep(self, once: Once, kept: Kept) -> None:
        """Note what came of a call that recorded nothing; see `EventLog.keep`."""
        async with self._pool.connection() as connection:
            noted = (once.key, self._stored(once).digest, kept.stream_id, kept.version, kept.position)
            await connection.execute(self._tables.keep, noted)

    async def sweep(self, before: datetime) -> int:
        """Forget calls that took effect before then: their keys may be used anew.  Returns how many."""
        async with self._pool.connection() as connection:
            return (await connection.execute(self._tables.sweep, (before,))).rowcount

    async def report(self, facts: Sequence[Fact[Event]]) -> Sequence[Recorded]:
        """Record facts each on its own; see `EventLog.report`."""
        return await self._submit(facts, apart=True) if facts else []

    async def read(self, *, after: int, limit: int) -> Sequence[Fact[Any]]:
        """Facts from ``after + 1`` on, contiguous; raises `HoleInLog` rather than skip one."""
        return self._mapper.facts(await self._contiguous(after, limit))

    async def occurrences(self, *, after: int, limit: int) -> Sequence[Occurrence[Any]]:
        """As `read`, without the envelopes."""
        return self._mapper.occurrences(await self._contiguous(after, limit))

    async def of_subject(self, subject_id: UUID) -> AsyncIterator[Fact[Any]]:
        """The facts whose subject this is, oldest first, a page at a time.

        Reads through the whole log where it has no index for this: all but identity.
        One process searches for one person at a time, lest searches take all connections.
        """
        after = 0
        while True:
            async with (
                self._searching,
                self._pool.connection() as connection,
                connection.cursor(binary=True) as cursor,
            ):
                await cursor.execute(self._tables.of_subject, (subject_id, after, PAGE))
                rows: Sequence[LogRow] = await cursor.fetchall()
            await self._load_keys(rows)
            for fact in self._mapper.facts(rows):
                yield fact
            if len(rows) < PAGE:
                return
            after = rows[-1][2]

    async def head(self) -> int:
        """The last position; 0 for an empty log."""
        async with self._pool.connection() as connection:
            [(position,)] = await (await connection.execute(self._tables.head)).fetchall()
        return position

    async def _submit(
        self, facts: Sequence[Fact[Event]], *, apart: bool, once: Once | None = None
    ) -> Sequence[Recorded]:
        if subjects := subjects_to_seal(facts):
            try:
                await self._keys.ensure(subjects)
            except OperationalError as away:  # a pool that finds no connection in time raises one too
                raise LogUnavailable("the keys of subjects cannot be reached") from away
        with spanned(self._tracing, f"append {self.name}", "client", db__system__name="postgresql", events=len(facts)):
            return await self.writer.submit([self._mapper.row(fact) for fact in facts], apart=apart, once=once)

    def _stored(self, once: Once) -> Once:
        """What was asked for may hold a password, which a plain digest would let be guessed at leisure."""
        return Once(once.key, self._keys.comparable(once.digest))

    async def _contiguous(self, after: int, limit: int) -> Sequence[LogRow]:
        rows = await self._reader.rows(after=after, limit=limit)
        if rows and (rows[0][2] != after + 1 or rows[-1][2] != after + len(rows)):
            raise HoleInLog(f"{self.name}: asked after {after}, got {rows[0][2]} to {rows[-1][2]}")
        await self._load_keys(rows)
        return rows

    async def _load_keys(self, rows: Sequence[LogRow]) -> None:
        if subjects := subjects_to_open(rows):
            await self._keys.load(subjects)
