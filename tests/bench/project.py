"""``playhead bench project``: how fast a read model catches up with its log from the beginning."""

import asyncio
import time
from collections.abc import Callable, Sequence
from uuid import UUID, uuid4

import click
import psycopg
from psycopg.sql import SQL, Identifier

from adapters.logs import configure_logs
from adapters.postgres.connections import pool
from adapters.postgres.install import install
from adapters.postgres.log import PostgresLog
from adapters.postgres.log_tables import log_tables
from adapters.postgres.mapper import FactMapper, LogRow
from adapters.postgres.migrate import migrate
from adapters.postgres.subject_keys import SubjectKeys
from adapters.postgres.video_engagement import PostgresVideoEngagement
from projections.video_engagement import VideoEngagement
from tests.bench.appenders import LOG, NoSeals
from tests.bench.counting import LibraryProjection
from tests.bench.facts import viewed
from tests.bench.harness import Contender, Target, Turn, bench_postgres, report, take_turns, tell
from workers.follow import catch_up
from workers.projector import BATCH, Projector

HOT_VIDEOS = 50
FILLED_AT_ONCE = 1_000
LIBRARY_EVENTS = 400
RESET = "UPDATE read.positions SET position = 0"
FORGET = "TRUNCATE read.video_engagement_v1"

SHAPES: dict[str, Callable[[int], list[UUID]]] = {
    "one video": lambda events: [uuid4()] * events,
    f"{HOT_VIDEOS} videos": lambda events: [uuid4() for _ in range(HOT_VIDEOS)] * (events // HOT_VIDEOS),
    "every event another video": lambda events: [uuid4() for _ in range(events)],
}
"""Which video each event of the log is about."""

TARGETS = (
    Target("ours, 50 videos", "library ProjectionRunner, 50 videos", 150),
    Target("ours, every event another video", "library ProjectionRunner, every event another video", 30),
)
NOTES: Sequence[str] = (
    f"ours: Projector with VideoEngagement from position 0 to the head, {BATCH:,} facts a transaction.",
    f"library: ProjectionRunner with an equal counting view over {LIBRARY_EVENTS:,} events, one transaction each.",
    f"SELECT: the same rows in binary form, {BATCH:,} at a time, with and without decoding them to facts.",
    "The position and the counts are committed together, durably, in both.",
)


class OurProjection:
    """A database with a full log and one read model of it."""

    def __init__(self, url: str, videos: list[UUID]) -> None:
        self.url = url
        self._events = len(videos)
        self._runner = asyncio.Runner()
        self._runner.run(self._fill(videos))

    def catch_up(self, _: float) -> Turn:
        """From position 0 to the head."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(RESET)
            connection.execute(FORGET)
        return self._runner.run(self._projected())

    def close(self) -> None:
        """Close the loop, and what was opened on it."""
        self._runner.run(self._pool.close())
        self._runner.close()

    async def _fill(self, videos: list[UUID]) -> None:
        await migrate(self.url)
        await install(self.url, [VideoEngagement()], [PostgresVideoEngagement])
        self._pool = pool(self.url, size=2)
        await self._pool.open()
        self._log = PostgresLog(
            LOG, url=self.url, pool=self._pool, keys=SubjectKeys(self._pool, "00" * 32), capacity=self._events
        )
        self._log.start()
        for start in range(0, len(videos), FILLED_AT_ONCE):
            await self._log.report([viewed(video) for video in videos[start : start + FILLED_AT_ONCE]])
        await self._log.close()

    async def _projected(self) -> Turn:
        projector = Projector(VideoEngagement(), PostgresVideoEngagement(self._pool), self._log)
        began = time.perf_counter()
        await catch_up(projector)
        return Turn(self._events, time.perf_counter() - began)


class RawReading:
    """The rows of a log, read as fast as one connection gives them."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._read = log_tables(LOG).read

    def select(self, _: float) -> Turn:
        """Tuples, and nothing done with them."""
        return self._each(len)

    def select_and_decode(self, _: float) -> Turn:
        """Facts, and nothing done with them."""
        return self._each(FactMapper(NoSeals()).facts)

    def _each(self, work: Callable[[Sequence[LogRow]], object]) -> Turn:
        with psycopg.connect(self._url, autocommit=True) as connection, connection.cursor(binary=True) as cursor:
            after, began = 0, time.perf_counter()
            while rows := cursor.execute(self._read, (after, BATCH), prepare=True).fetchall():
                work(rows)
                after = rows[-1][2]
            return Turn(after, time.perf_counter() - began)


@click.command(help="Catching up with a log: ours, the library's runner, the raw limit.")
@click.option("--events", default=100_000, show_default=True, help="Length of our logs.")
@click.option("--rounds", default=3, show_default=True, help="Turns of each contender.")
@click.option("--seconds", default=0.0, hidden=True, help="Not used: a turn is one pass over the log.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(events: int, rounds: int, seconds: float, as_json: bool) -> None:
    """Measure and print."""
    configure_logs("warning")
    with bench_postgres() as server:
        contenders: dict[str, Contender] = {}
        ours: list[OurProjection] = []
        for shape, videos in SHAPES.items():
            tell(f"filling logs: {shape}")
            ours.append(OurProjection(_new_database(server, shape), videos(events)))
            library = LibraryProjection(ours[-1].url, videos(LIBRARY_EVENTS))
            contenders[f"ours, {shape}"] = ours[-1].catch_up
            contenders[f"library ProjectionRunner, {shape}"] = library.catch_up
        raw = RawReading(ours[-1].url)
        contenders |= {"SELECT and decode": raw.select_and_decode, "SELECT": raw.select}
        try:
            results = take_turns(contenders, rounds=rounds, seconds=seconds)
        finally:
            for each in ours:
                each.close()
    report(
        f"Catching up with a log of {events:,} events",
        results,
        unit="events/s",
        reference=f"library ProjectionRunner, {HOT_VIDEOS} videos",
        targets=TARGETS,
        notes=NOTES,
        as_json=as_json,
    )


def _new_database(server: str, shape: str) -> str:
    name = shape.replace(" ", "_")
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
    return f"{server.rpartition('/')[0]}/{name}"


if __name__ == "__main__":
    command()
