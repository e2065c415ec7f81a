"""Who can append one durable event at a time: our log, the library as it is, and bare connections."""

import asyncio
import time
from array import array
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from threading import Barrier, local
from typing import Any
from uuid import UUID

import psycopg
import uvloop
from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from eventsourcing.persistence import StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from psycopg.conninfo import conninfo_to_dict

from adapters.composition import utc_now
from adapters.postgres.connections import pool
from adapters.postgres.log import PostgresLog
from adapters.postgres.mapper import TAGS, FactMapper
from adapters.postgres.migrate import migrate
from adapters.postgres.subject_keys import SubjectKeys
from domain.engagement.interaction import VideoViewed
from domain.kernel.ids import uuid7
from tests.bench.facts import ACTOR, CORRELATION, CREATOR, ENOUGH_MS, USER, VIDEO, viewed
from tests.bench.harness import Contender, Turn, timed

LOG = "engagement"
COPIED = 1_000
COLUMNS = "notification_id, originator_id, originator_version, topic, state, event_id, subject_id"
INSERT = f"INSERT INTO raw_events ({COLUMNS}) VALUES (nextval('raw_position'), %b, %b, %b, %b, %b, %b)"  # noqa: S608 - our own names
COPY = f"COPY raw_events ({COLUMNS}) FROM STDIN (FORMAT BINARY)"

Connection = psycopg.Connection[tuple[Any, ...]]


class OurLog:
    """One process, one event loop of the kind the API runs on, one group-commit writer, and callers."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._runner = asyncio.Runner(loop_factory=uvloop.new_event_loop)
        self._log = self._runner.run(self._opened())

    def callers(self, number: int) -> Contender:
        """Each appends one fact, waits until it is on disk, and appends the next."""
        return lambda seconds: self._runner.run(self._crowd(number, seconds))

    def close(self) -> None:
        """Stop the writer and the loop."""
        self._runner.run(self._log.close())
        self._runner.run(self._pool.close())
        self._runner.close()

    async def _opened(self) -> PostgresLog:
        await migrate(self._url)  # does nothing where it was done
        self._pool = pool(self._url, size=2)
        await self._pool.open()
        keys = SubjectKeys(self._pool, "00" * 32)
        log = PostgresLog(LOG, url=self._url, pool=self._pool, keys=keys, capacity=20_000)
        log.start()
        return log

    async def _crowd(self, number: int, seconds: float) -> Turn:
        latencies, began = array("d"), time.perf_counter()
        await asyncio.gather(*(self._caller(began + seconds, latencies) for _ in range(number)))
        return Turn(len(latencies), time.perf_counter() - began, latencies)

    async def _caller(self, until: float, latencies: "array[float]") -> None:
        asked = time.perf_counter()
        while asked < until:
            await self._log.append([viewed()])
            asked = timed(latencies, asked)


def in_threads(number: int, call: Callable[[], object], seconds: float) -> Turn:
    """Callers that are threads: each warms up, waits for the others, and then calls again and again."""
    began: list[float] = []
    together = Barrier(number, action=lambda: began.append(time.perf_counter()))

    def caller(_: int) -> "array[float]":
        call()
        together.wait()
        return _repeat(call, began[0] + seconds)

    with ThreadPoolExecutor(number) as executor:
        latencies = array("d")
        for one in executor.map(caller, range(number)):
            latencies.extend(one)
        return Turn(len(latencies), time.perf_counter() - began[0], latencies)


def _repeat(call: Callable[[], object], until: float) -> "array[float]":
    latencies: array[float] = array("d")
    asked = time.perf_counter()
    while asked < until:
        call()
        asked = timed(latencies, asked)
    return latencies


# --- the library as it is -----------------------------------------------------------


class Viewing(Aggregate):
    """The same view, as the library's documentation would have it."""

    @event("Viewed")
    def __init__(self, viewed: dict[str, Any]) -> None:
        self.viewed = viewed


VIEWED = {
    "user_id": str(USER),
    "video_id": str(VIDEO),
    "creator_id": str(CREATOR),
    "watched_ms": ENOUGH_MS,
    "session_id": "session-4711",
    "device": "phone",
    "os": "android",
    "country": "DE",
    "actor_id": ACTOR,
    "correlation_id": str(CORRELATION),
}


class Library:
    """eventsourcing's own recorder and application, with a pool that has a connection for each thread."""

    def __init__(self, url: str) -> None:
        parts = conninfo_to_dict(url)
        self._server = {name: str(parts[name]) for name in ("dbname", "host", "port", "user", "password")}
        self._state = FactMapper(NoSeals()).row(viewed()).state

    def inserting(self, threads: int) -> Contender:
        """`insert_events` of one event a call: no mapping, the state is bytes already."""

        def turn(seconds: float) -> Turn:
            with closing(self.datastore(threads)) as datastore:
                recorder = library_recorder(datastore)
                return in_threads(threads, lambda: recorder.insert_events([self.stored()]), seconds)

        return turn

    def saving(self, threads: int) -> Contender:
        """`Application.save` of a new aggregate with one event, with the default JSON mapping."""

        def turn(seconds: float) -> Turn:
            with closing(Application[UUID](env=self.environment(threads))) as application:
                return in_threads(threads, lambda: application.save(Viewing(VIEWED)), seconds)

        return turn

    def datastore(self, connections: int, *, db_functions: bool = False) -> PostgresDatastore:
        """The library's pool; the caller closes it."""
        return PostgresDatastore(
            self._server["dbname"],
            self._server["host"],
            self._server["port"],
            self._server["user"],
            self._server["password"],
            pool_size=connections,
            max_waiting=connections,
            connect_timeout=30,
            enable_db_functions=db_functions,
        )

    def stored(self) -> StoredEvent:
        """One event of a stream of its own, with the bytes that our log would store."""
        return StoredEvent(uuid7(utc_now()), 1, TAGS[VideoViewed], self._state)

    def environment(self, connections: int) -> dict[str, str]:
        """What the library's applications and runners read their settings from."""
        return {
            "PERSISTENCE_MODULE": "eventsourcing.postgres",
            "POSTGRES_POOL_SIZE": str(connections),
            "POSTGRES_MAX_WAITING": str(connections),
            "POSTGRES_CONNECT_TIMEOUT": "30",
            **{f"POSTGRES_{name.upper()}": value for name, value in self._server.items()},
        }


def library_recorder(datastore: PostgresDatastore, *, create: bool = True) -> PostgresApplicationRecorder:
    """Over a table of its own."""
    recorder = PostgresApplicationRecorder(datastore, events_table_name="library_events")
    if create:
        recorder.create_table()
    return recorder


class NoSeals:
    """For events without personal data."""

    def seal(self, subject: Any, value: bytes, *, context: bytes) -> bytes:
        raise AssertionError("nothing personal here")

    def open(self, subject: Any, sealed: bytes, *, context: bytes) -> bytes | None:
        raise AssertionError("nothing personal here")


# --- the raw limit ------------------------------------------------------------------


class Raw:
    """Plain connections to a table with the columns and the three unique indexes of our log, and no head row."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._mapper = FactMapper(NoSeals())
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("CREATE SEQUENCE raw_position")
            connection.execute("CREATE TABLE raw_events (LIKE log.engagement_events INCLUDING ALL)")

    def inserting(self, connections: int) -> Contender:
        """One INSERT of one row a call, and its commit; each thread has a connection of its own."""

        def turn(seconds: float) -> Turn:
            with ExitStack() as opened:
                spare = [opened.enter_context(self._connected()) for _ in range(connections)]
                mine = local()
                return in_threads(connections, lambda: self._insert(mine, spare), seconds)

        return turn

    def copying(self, seconds: float) -> Turn:
        """Batches of a thousand rows by COPY, a commit each: as fast as rows get into such a table from one process."""
        latencies = array("d")
        with self._connected() as connection:
            asked = began = time.perf_counter()
            while asked < began + seconds:
                self._copy(connection)
                asked = timed(latencies, asked)
        return Turn(len(latencies) * COPIED, asked - began, latencies)

    def _insert(self, mine: local, spare: list[Connection]) -> None:
        if not hasattr(mine, "connection"):
            mine.connection = spare.pop()
        mine.connection.execute(INSERT, self._row(), prepare=True)

    def _copy(self, connection: Connection) -> None:
        numbers = "SELECT nextval('raw_position') FROM generate_series(1, %s)"
        positions = connection.execute(numbers, (COPIED,)).fetchall()
        with connection.cursor() as cursor, cursor.copy(COPY) as copy:
            copy.set_types(("int8", "uuid", "int8", "text", "bytea", "uuid", "uuid"))
            for (position,) in positions:
                copy.write_row((position, *self._row()))

    def _row(self) -> tuple[Any, ...]:
        row = self._mapper.row(viewed())
        return row.stream_id, row.version, row.tag, row.state, row.event_id, row.subject_id

    def _connected(self) -> Connection:
        return psycopg.connect(self._url, autocommit=True)
