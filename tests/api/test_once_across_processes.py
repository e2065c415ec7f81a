"""The same call to two processes at once, one of which is killed in the middle: one effect, and one answer."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import httpx
import psycopg
import pytest

from tests.api.test_catalog import CATS
from tests.api.test_process import Served, served, until_waiting
from tests.support.databases import empty_database
from tests.support.waiting import until

pytestmark = pytest.mark.anyio

BODY = {"creator_id": str(uuid4()), **CATS}
AT_ONCE = 50
TOLD_TO_WAIT = {409, 503}


class Pair:
    """Two processes on one database, and somebody with one key who asks either."""

    def __init__(self, database: str, *processes: Served) -> None:
        self.database = database
        self.processes = processes
        headers = {"Authorization": f"Bearer {processes[0].key}"}
        self._client = httpx.AsyncClient(timeout=15, headers=headers)

    async def close(self) -> None:
        await self._client.aclose()

    async def draft(self, idempotency_key: str, *, at: int) -> httpx.Response | None:
        """The answer of one of the two; None if it broke off."""
        url = f"http://127.0.0.1:{self.processes[at % 2].port}/api/videos"
        try:
            return await self._client.post(url, json=BODY, headers={"Idempotency-Key": idempotency_key})
        except httpx.TransportError:
            return None

    async def insist(self, idempotency_key: str, first: int) -> tuple[int, bytes, str, str]:
        """Ask one and the other, as a caller would who wants an answer."""
        answers: list[httpx.Response] = []
        tries = iter(range(first, first + 10_000))

        async def is_answered() -> bool:
            answer = await self.draft(idempotency_key, at=next(tries))
            if answer is not None and answer.status_code not in TOLD_TO_WAIT:
                answers.append(answer)
            return bool(answers)

        await until(is_answered, seconds=60)
        [answer] = answers
        return answer.status_code, answer.content, answer.headers["location"], answer.headers["etag"]

    def drafted(self) -> int:
        with psycopg.connect(self.database) as connection:
            [(position,)] = connection.execute("SELECT position FROM log.catalog_head").fetchall()
        return position


@pytest.fixture
async def pair(postgres_url, nats_url, redis_url, tmp_path: Path) -> AsyncIterator[Pair]:
    folders = [tmp_path / name for name in ("one", "other")]
    for folder in folders:
        folder.mkdir()
    with empty_database(postgres_url) as database:
        async with (
            served(database, nats_url, redis_url, folders[0]) as one,
            served(database, nats_url, redis_url, folders[1]) as other,
        ):
            pair = Pair(database, one, other)
            yield pair
            await pair.close()


async def test_fifty_at_once_at_two_processes_and_one_is_killed(pair: Pair):
    for number in range(1, 6):
        key = f"round-{number}"
        asking = [asyncio.create_task(pair.insist(key, first)) for first in range(AT_ONCE)]
        if number == 3:
            await asyncio.wait(asking, return_when=asyncio.FIRST_COMPLETED)
            pair.processes[0].process.kill()
        answers = set(await asyncio.gather(*asking))
        assert len(answers) == 1
        assert next(iter(answers))[0] == 201
        assert pair.drafted() == number


async def test_what_was_committed_by_a_process_that_could_not_answer_any_more_is_answered_by_another(pair: Pair):
    async with await psycopg.AsyncConnection.connect(pair.database) as blocker:
        await blocker.execute("SELECT position FROM log.catalog_head FOR UPDATE")
        asking = asyncio.create_task(pair.draft("unheard", at=0))
        await until_waiting(pair.database)
        pair.processes[0].process.kill()
        assert await asking is None
        await blocker.rollback()
    await until(lambda: pair.drafted() == 1)
    answer = await pair.draft("unheard", at=1)
    assert answer is not None
    assert (answer.status_code, answer.headers["idempotency-replayed"]) == (201, "true")
    assert pair.drafted() == 1
