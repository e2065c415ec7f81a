"""Calls that take effect once: what came of them is kept in the commit that has their effects."""

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import msgspec
import pytest

from adapters.composition import utc_now
from adapters.postgres.log import PostgresLog
from application.actor import Actor, Call, Once
from application.ports import ConcurrentWrite, OnceReused
from application.repository import Receipt, Repository, VersionMismatch
from domain.catalog import video as videos
from domain.catalog.video import Details, VideoNotFound
from domain.identity.api_key import Scope
from tests.adapters.postgres.conftest import OpenLog

pytestmark = pytest.mark.anyio

CREATOR = uuid4()


def asking(key: str = "k", question: str = "q", version: int | None = None) -> Actor:
    once = Once(key.encode().ljust(32, b"."), question.encode().ljust(32, b"."))
    return Actor(id="test", scope=Scope.ADMIN, call=Call(id=uuid4(), once=once, expected_version=version))


async def draft(log: PostgresLog, video_id: UUID, by: Actor) -> Receipt:
    repository = Repository(log, videos.evolve, missing=VideoNotFound, clock=utc_now)
    details = Details(title=f"of {video_id}")
    return await repository.begin(video_id, lambda it: videos.draft(it, creator_id=CREATOR, details=details), by=by)


@pytest.fixture
async def catalog(open_log: OpenLog) -> PostgresLog:
    return open_log("catalog")


async def test_a_call_is_answered_again_as_it_was(catalog):
    first = await draft(catalog, uuid4(), asking())
    again = await draft(catalog, uuid4(), asking())
    assert again == msgspec.structs.replace(first, replayed=True)
    assert await catalog.head() == 1


async def test_the_same_key_for_another_question_is_refused(catalog):
    await draft(catalog, uuid4(), asking(question="this"))
    with pytest.raises(OnceReused):
        await draft(catalog, uuid4(), asking(question="that"))
    assert await catalog.head() == 1


async def test_a_call_that_changed_nothing_is_answered_again_too(catalog):
    video_id = uuid4()
    await draft(catalog, video_id, asking("first"))
    nothing_new = await draft(catalog, video_id, asking("second"))
    assert await draft(catalog, uuid4(), asking("second")) == msgspec.structs.replace(nothing_new, replayed=True)
    assert await catalog.head() == 1


async def test_fifty_at_once_through_two_processes_take_effect_once(open_log: OpenLog):
    logs = [open_log("catalog"), open_log("catalog")]
    receipts = await asyncio.gather(*(draft(logs[n % 2], uuid4(), asking()) for n in range(50)))
    assert len({receipt.stream_id for receipt in receipts}) == 1
    assert sum(not receipt.replayed for receipt in receipts) == 1
    assert await logs[0].head() == 1


async def test_a_key_that_loses_leaves_its_neighbours_alone(open_log: OpenLog):
    logs = [open_log("catalog"), open_log("catalog")]
    wanted = [asking(key) for key in "aabbccdd"]
    receipts = await asyncio.gather(*(draft(logs[n % 2], uuid4(), by) for n, by in enumerate(wanted)))
    assert len({receipt.stream_id for receipt in receipts}) == 4
    assert await logs[0].head() == 4


async def test_a_refused_call_leaves_its_key_free(catalog):
    video_id = uuid4()
    with pytest.raises(VersionMismatch):
        await draft(catalog, video_id, asking(version=7))
    assert not (await draft(catalog, video_id, asking())).replayed


async def test_a_taken_key_is_a_conflict_for_the_log(catalog):
    receipt = await draft(catalog, uuid4(), asking())
    [fact] = await catalog.stream(receipt.stream_id)
    other = msgspec.structs.replace(fact, event_id=uuid4(), stream_id=uuid4())
    with pytest.raises(ConcurrentWrite):
        await catalog.append([other], once=asking().call.once)


async def test_a_key_is_free_again_once_it_was_swept(catalog):
    await draft(catalog, uuid4(), asking())
    assert await catalog.sweep(utc_now() - timedelta(hours=1)) == 0
    assert (await draft(catalog, uuid4(), asking())).replayed
    assert await catalog.sweep(utc_now() + timedelta(hours=1)) == 1
    assert not (await draft(catalog, uuid4(), asking())).replayed


async def test_what_is_kept_of_a_question_tells_nothing_without_the_master_key(catalog, connections):
    by = asking(question="the password is sesame")
    await draft(catalog, uuid4(), by)
    nothing_new = asking("second", question="the password is sesame")
    await draft(catalog, (await draft(catalog, uuid4(), by)).stream_id, nothing_new)
    async with connections.connection() as connection:
        kept = await (await connection.execute("SELECT digest FROM log.catalog_once")).fetchall()
    assert len(kept) == 2
    assert by.call.once
    assert by.call.once.digest not in {bytes(digest) for (digest,) in kept}
