"""The group commit: who shares a transaction shares nothing else."""

import asyncio
import random
from uuid import uuid4

import psycopg
import pytest

from adapters.postgres.log import HoleInLog, Pool, PostgresLog
from application.ports import ConcurrentWrite, LogBusy, Recorded
from domain.engagement.interaction import SearchMade, VideoLiked
from domain.kernel.event import Event, Fact
from tests.adapters.postgres.conftest import OpenLog
from tests.support.facts import fact, like

pytestmark = pytest.mark.anyio

LIKED = VideoLiked(user_id=uuid4(), video_id=uuid4())


async def all_of(log: PostgresLog) -> list[Fact[Event]]:
    return list(await log.read(after=0, limit=100_000))


class HeldHead:
    """Keeps every writer of the engagement log waiting for as long as a ``with`` block lasts."""

    def __init__(self, database: str) -> None:
        self._database = database

    async def __aenter__(self) -> None:
        self._connection = await psycopg.AsyncConnection.connect(self._database)
        await self._connection.execute("UPDATE log.engagement_head SET position = position")

    async def __aexit__(self, *_: object) -> None:
        await self._connection.rollback()
        await self._connection.close()


async def test_positions_count_from_one_in_the_order_of_recording(log: PostgresLog):
    facts = [like() for _ in range(5)]
    assert [await log.append([each]) for each in facts] == [1, 2, 3, 4, 5]
    assert [(each.position, each.event_id) for each in await all_of(log)] == [
        (position, each.event_id) for position, each in enumerate(facts, start=1)
    ]
    assert await log.head() == 5


async def test_a_call_that_names_one_event_twice_does_not_hold_up_the_log(log: PostgresLog):
    once = like()
    again = fact(LIKED, event_id=once.event_id, stream_id=uuid4())
    with pytest.raises(ConcurrentWrite):
        await asyncio.wait_for(log.append([once, again]), 5)
    assert await log.append([like()]) == 1


async def test_many_callers_at_once_get_positions_of_their_own(log: PostgresLog):
    positions = await asyncio.gather(*(log.append([like(), like()]) for _ in range(300)))
    assert sorted(positions) == list(range(2, 601, 2))


async def test_a_stream_reads_back_in_order(log: PostgresLog):
    stream = uuid4()
    await log.append([fact(LIKED, stream_id=stream, version=1), fact(LIKED, stream_id=stream, version=2)])
    await log.append([like(), fact(LIKED, stream_id=stream, version=3)])
    assert [each.version for each in await log.stream(stream)] == [1, 2, 3]
    assert await log.stream(uuid4()) == []


async def test_a_taken_version_is_a_conflict_and_records_nothing(log: PostgresLog):
    stream = uuid4()
    await log.append([fact(LIKED, stream_id=stream)])
    with pytest.raises(ConcurrentWrite):
        await log.append([fact(LIKED, stream_id=uuid4()), fact(LIKED, stream_id=stream)])
    assert await log.head() == 1


async def test_a_conflict_inside_a_batch_answers_only_its_own_caller(log: PostgresLog, database: str):
    stream = uuid4()
    await log.append([fact(LIKED, stream_id=stream)])
    async with HeldHead(database):
        first = asyncio.create_task(log.append([like()]))
        await asyncio.sleep(0.05)  # the first is on its way alone; the rest become one batch behind it
        tasks = [
            asyncio.create_task(log.append([fact(LIKED, stream_id=stream)] if number % 3 == 0 else [like()]))
            for number in range(30)
        ]
        await asyncio.sleep(0)
    await first
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert [isinstance(each, ConcurrentWrite) for each in outcomes] == [number % 3 == 0 for number in range(30)]
    assert sorted(each for each in outcomes if isinstance(each, int)) == list(range(3, 23))


async def test_a_report_sent_again_is_a_duplicate_at_its_first_position(log: PostgresLog):
    facts = [like(), like(), like()]
    assert await log.report(facts[:2]) == [Recorded(1, duplicate=False), Recorded(2, duplicate=False)]
    assert await log.report([facts[1], facts[2], facts[2]]) == [
        Recorded(2, duplicate=True),
        Recorded(3, duplicate=False),
        Recorded(3, duplicate=True),
    ]
    assert await log.report([]) == []


async def test_an_append_sent_again_succeeds_as_it_did(log: PostgresLog):
    facts = [like(), like()]
    assert await log.append(facts) == await log.append(facts) == 2


async def test_personal_words_are_nowhere_in_the_table(log: PostgresLog, connections: Pool):
    subject = uuid4()
    await log.report([fact(SearchMade(user_id=subject, query="canary"), subject_id=subject)])
    async with connections.connection() as connection:
        cursor = await connection.execute("SELECT convert_from(state, 'UTF8') FROM log.engagement_events")
        [(state,)] = await cursor.fetchall()
    assert "canary" not in state
    assert (await all_of(log))[0].event == SearchMade(user_id=subject, query="canary")


async def test_a_full_queue_turns_new_callers_away_and_keeps_those_who_wait(open_log: OpenLog, database: str):
    log = open_log(capacity=10)
    await log.append([like()])
    async with HeldHead(database):
        waiting = [asyncio.create_task(log.append([like()])) for _ in range(5)]
        await asyncio.sleep(0.05)
        waiting += [asyncio.create_task(log.append([like()])) for _ in range(10)]
        await asyncio.sleep(0)
        with pytest.raises(LogBusy):
            await log.append([like()])
    assert sorted(await asyncio.gather(*waiting)) == list(range(2, 17))


async def test_a_killed_connection_loses_and_doubles_nothing(log: PostgresLog, connections: Pool):
    acknowledged: dict[int, Fact[Event]] = {}
    stop = asyncio.Event()

    async def write() -> None:
        while not stop.is_set():
            sent = like()
            acknowledged[await log.append([sent])] = sent

    async def kill() -> None:
        for _ in range(10):
            await asyncio.sleep(0.05)
            async with connections.connection() as connection:
                await connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE '%_head%'"
                )
        stop.set()

    await asyncio.gather(kill(), *(write() for _ in range(20)))
    facts = {each.position: each.event_id for each in await all_of(log)}
    assert sorted(facts) == list(range(1, len(facts) + 1))
    assert {position: each.event_id for position, each in acknowledged.items()} == facts


async def test_closing_records_what_waits(open_log: OpenLog):
    log = open_log()
    sent = [asyncio.create_task(log.append([like()])) for _ in range(50)]
    await asyncio.sleep(0)
    await log.close()
    assert sorted(await asyncio.gather(*sent)) == list(range(1, 51))
    with pytest.raises(LogBusy):
        await log.append([like()])


async def test_occurrences_are_the_facts_without_their_envelopes(log: PostgresLog):
    subject = uuid4()
    await log.report([like(), fact(SearchMade(user_id=subject, query="canary"), subject_id=subject), like()])
    facts, bare = await log.read(after=1, limit=10), await log.occurrences(after=1, limit=10)
    assert [(each.event, each.position) for each in bare] == [(each.event, each.position) for each in facts]
    assert [each.position for each in bare] == [2, 3]


async def test_a_reader_says_so_rather_than_skip_a_position(log: PostgresLog, connections: Pool):
    await log.report([like() for _ in range(5)])
    async with connections.connection() as connection:
        await connection.execute("DELETE FROM log.engagement_events WHERE notification_id = 3")
    with pytest.raises(HoleInLog, match="engagement"):
        await log.read(after=0, limit=10)
    with pytest.raises(HoleInLog):
        await log.read(after=2, limit=1)
    assert [fact.position for fact in await log.read(after=3, limit=10)] == [4, 5]


async def test_two_processes_that_write_one_stream_cannot_both_have_a_version(open_log: OpenLog):
    here, there = open_log(), open_log()
    won = 0
    for version in range(1, 21):
        stream = uuid4()
        logs = random.sample([here, there], 2)
        results = await asyncio.gather(
            *(each.append([fact(LIKED, stream_id=stream)]) for each in logs), return_exceptions=True
        )
        won += sum(isinstance(each, int) for each in results)
        assert sum(isinstance(each, ConcurrentWrite) for each in results) == 1, version
    assert won == await here.head() == 20
