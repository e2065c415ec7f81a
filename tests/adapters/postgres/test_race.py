"""Writers that race, conflict, lose their connections and die; a reader that follows all the while."""

import asyncio
import os
import random
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import pytest

from adapters.embedded.ports import free_port
from adapters.embedded.postgres import Postgres
from adapters.embedded.spawning import stop
from adapters.embedded.starting import start, until_ready
from adapters.postgres.connections import pool
from adapters.postgres.log import Pool, PostgresLog
from adapters.postgres.migrate import migrate
from adapters.postgres.subject_keys import SubjectKeys
from tests.support.source_tree import ROOT

pytestmark = pytest.mark.anyio

RACERS = 5
KILL = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND query LIKE '%engagement_head%' AND query NOT LIKE '%pg_terminate_backend%'
ORDER BY random() LIMIT 1
"""


class Race:
    """Racing processes on one database, and what they were told is recorded."""

    def __init__(self, database: str, folder: Path) -> None:
        self._acks = [folder / f"acks-{number}" for number in range(RACERS)]
        self.racers = [
            subprocess.Popen(
                [sys.executable, "-m", "tests.adapters.postgres.racer", database, str(number), str(acks)],
                cwd=ROOT,
                stdin=subprocess.PIPE,
            )
            for number, acks in enumerate(self._acks)
        ]

    @property
    def acknowledged(self) -> dict[int, UUID]:
        """Event ids by the position they were acknowledged at; a line cut short by a kill was not finished."""
        lines = [line for acks in self._acks for line in acks.read_text().rpartition("\n")[0].splitlines()]
        pairs = [line.split() for line in lines]
        return {int(position): UUID(event_id) for position, event_id in pairs}

    def sizes(self) -> list[int]:
        """Bytes of acknowledgements from each racer."""
        return [acks.stat().st_size if acks.exists() else 0 for acks in self._acks]

    def begun(self) -> bool:
        """Whether every racer has recorded something."""
        return all(self.sizes())

    def stop(self) -> list[int]:
        """Let them finish what they began; returns their exit statuses."""
        for racer in self.racers:
            racer.communicate(timeout=30)
        return [racer.returncode for racer in self.racers]


@contextmanager
def race(database: str, folder: Path) -> Generator[Race]:
    racing = Race(database, folder)
    try:
        yield racing
    finally:
        for racer in racing.racers:
            racer.kill()
            racer.communicate()


class Reader:
    """Follows the log from position 1; `PostgresLog.read` raises on a hole."""

    def __init__(self, log: PostgresLog) -> None:
        self._log = log
        self.seen: list[tuple[int, UUID]] = []

    async def catch_up(self) -> None:
        while facts := await self._log.read(after=len(self.seen), limit=1000):
            self.seen.extend((fact.position, fact.event_id) for fact in facts)

    async def follow(self) -> None:
        while True:
            await self.catch_up()
            await asyncio.sleep(0.001)


async def until(condition, *, seconds: float = 30) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 # other processes bring it about
            await asyncio.sleep(0.02)


def assert_everything_once_in_order(reader: Reader, head: int) -> None:
    assert [position for position, _ in reader.seen] == list(range(1, head + 1))
    assert len({event_id for _, event_id in reader.seen}) == head


async def test_five_writers_with_conflicts_and_killed_connections_leave_no_hole(
    log: PostgresLog, connections: Pool, database: str, tmp_path: Path
):
    reader = Reader(log)
    killed = 0
    with race(database, tmp_path) as racing:
        following = asyncio.create_task(reader.follow())
        await until(racing.begun)
        for _ in range(40):
            await asyncio.sleep(0.05)
            async with connections.connection() as connection:
                killed += len(await (await connection.execute(KILL)).fetchall())
        assert racing.stop() == [0] * RACERS
        following.cancel()
        await asyncio.wait([following])
        assert following.cancelled(), following.exception()
    await reader.catch_up()

    assert killed >= RACERS
    assert_everything_once_in_order(reader, await log.head())
    assert dict(reader.seen) == racing.acknowledged


async def test_nothing_acknowledged_is_lost_when_writers_are_killed(log: PostgresLog, database: str, tmp_path: Path):
    reader = Reader(log)
    with race(database, tmp_path) as racing:
        await until(racing.begun)
        for racer in random.sample(racing.racers, RACERS):
            await asyncio.sleep(0.1)
            racer.send_signal(signal.SIGKILL)
        for racer in racing.racers:
            assert racer.wait(10) == -signal.SIGKILL
    await reader.catch_up()

    assert_everything_once_in_order(reader, await log.head())
    recorded = dict(reader.seen)
    acknowledged = racing.acknowledged
    assert acknowledged
    assert {position: recorded[position] for position in acknowledged} == acknowledged


async def test_nothing_acknowledged_is_lost_when_the_database_is_killed(tmp_path: Path):
    server = Postgres(tmp_path, port=free_port(), password="secret", shared_buffers="64MB")
    (tmp_path / "logs").mkdir()
    running = await start(server, logs=tmp_path / "logs")
    await until_ready(server, running, seconds=30)
    await migrate(server.url)
    try:
        with race(server.url, tmp_path) as racing:
            for _ in range(3):
                before = sum(racing.sizes())
                await until(lambda before=before: sum(racing.sizes()) > before + 5_000)
                os.killpg(running.process.pid, signal.SIGKILL)
                await asyncio.to_thread(running.process.wait)
                running = await start(server, logs=tmp_path / "logs")
                await until_ready(server, running, seconds=30)
            assert racing.stop() == [0] * RACERS
        async with pool(server.url, size=2) as connections:
            log = PostgresLog("engagement", url=server.url, pool=connections, keys=SubjectKeys(connections, "11" * 32))
            reader = Reader(log)
            await reader.catch_up()
            assert_everything_once_in_order(reader, await log.head())
            assert dict(reader.seen) == racing.acknowledged
            await log.close()
    finally:
        await stop(running.process, running.command.stop_signal, seconds=15)
