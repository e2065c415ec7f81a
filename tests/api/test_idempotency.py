"""A call that is sent again: one effect, and the answer that the first one got."""

import asyncio
from uuid import uuid4

import pytest

from domain.identity.api_key import Scope
from tests.api.test_catalog import CATS, draft
from tests.api.test_engagement import interaction, report
from tests.support.scrape import counted
from tests.support.waiting import until

pytestmark = pytest.mark.anyio

CREATOR = str(uuid4())
BODY = {"creator_id": CREATOR, **CATS}


def with_key(key=None):
    return {"Idempotency-Key": key or f"key-{uuid4()}"}


async def head(site) -> int:
    return await site.system.logs["catalog"].head()


def told(answer):
    return answer.status_code, answer.content, answer.headers.get("location"), answer.headers.get("etag")


async def test_a_call_that_creates_is_answered_again_as_it_was(site, service):
    key = with_key()
    first = await service.post("/api/videos", json=BODY, headers=key)
    before, replays = await head(site), await counted(site, "playhead_idempotency_replays_total")
    again = await service.post("/api/videos", json=BODY, headers=key)
    assert first.status_code == 201
    assert told(again) == told(first)
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert await head(site) == before
    assert await counted(site, "playhead_idempotency_replays_total") == replays + 1


async def test_without_a_key_every_call_creates(service):
    first, second = [(await service.post("/api/videos", json=BODY)).json()["id"] for _ in range(2)]
    assert first != second


async def test_a_call_that_changes_is_answered_again_whatever_happened_since(service):
    video = f"/api/videos/{(await draft(service))['id']}"
    key = with_key()
    first = await service.post(f"{video}/publication", headers=key)
    await service.put(video, json={"title": "Later"})
    again = await service.post(f"{video}/publication", headers=key)
    assert told(again) == told(first)
    assert again.json()["version"] == 2
    assert again.headers["idempotency-replayed"] == "true"


async def test_a_call_that_changed_nothing_is_answered_again(service):
    video = f"/api/videos/{(await draft(service))['id']}"
    await service.post(f"{video}/publication")
    key = with_key()
    first = await service.post(f"{video}/publication", headers=key)
    await service.put(video, json={"title": "Later"})
    assert told(await service.post(f"{video}/publication", headers=key)) == told(first)


@pytest.mark.parametrize("other", ["body", "path", "query", "method"])
async def test_the_same_key_for_another_call_is_refused(service, other):
    video, further = [f"/api/videos/{(await draft(service))['id']}" for _ in range(2)]
    key = with_key()
    assert (await service.put(video, json={"title": "One"}, headers=key)).status_code == 200
    path = {"path": further, "query": f"{video}?x=1"}.get(other, video)
    method = "POST" if other == "method" else "PUT"
    path = f"{path}/publication" if other == "method" else path
    body = None if other == "method" else {"title": "Two" if other == "body" else "One"}
    answer = await service.request(method, path, json=body, headers=key)
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert answer.json()["errors"][0]["field"] == "Idempotency-Key"


async def test_a_refused_call_leaves_its_key_free(service):
    key, unknown = with_key(), uuid4()
    assert (await service.put(f"/api/videos/{unknown}", json={"title": "x"}, headers=key)).status_code == 404
    assert (await service.post("/api/videos", json={**BODY, "id": str(unknown)})).status_code == 201
    assert (await service.put(f"/api/videos/{unknown}", json={"title": "x"}, headers=key)).status_code == 200


async def test_keys_of_different_callers_have_nothing_to_do_with_each_other(site, service):
    other, key = await site.bearer(Scope.SERVICE), with_key()
    ids = {(await client.post("/api/videos", json=BODY, headers=key)).json()["id"] for client in (service, other)}
    assert len(ids) == 2


@pytest.mark.parametrize("key", ["", " ", "two words", "x" * 256, "caf\xe9", "tab\there"])
async def test_a_key_of_another_form_is_refused(service, key):
    answer = await service.post("/api/videos", json=BODY, headers={b"Idempotency-Key": key.encode("latin-1")})
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_invalid")


async def test_the_longest_key_is_taken(service):
    assert (await service.post("/api/videos", json=BODY, headers=with_key("x" * 255))).status_code == 201


async def test_while_the_first_call_is_under_way_the_second_is_told_to_wait(site, service):
    key = with_key()
    async with site.system.pool.connection() as blocker, blocker.transaction():
        await blocker.execute("SELECT position FROM log.catalog_head FOR UPDATE")
        both = {asyncio.create_task(service.post("/api/videos", json=BODY, headers=key)) for _ in range(2)}
        [second], [first] = await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
    turned_away = second.result()
    assert (turned_away.status_code, turned_away.json()["code"]) == (409, "idempotency_key_in_use")
    assert turned_away.headers["retry-after"] == "1"
    made = told(await first)
    assert told(await service.post("/api/videos", json=BODY, headers=key)) == made


async def test_fifty_at_once_have_one_effect_and_one_answer(site, service):
    key, before = with_key(), await head(site)

    answers: set[object] = set()

    async def is_answered() -> bool:
        answer = await service.post("/api/videos", json=BODY, headers=key)
        if answer.status_code != 409:
            answers.add(told(answer))
        return answer.status_code != 409

    await asyncio.gather(*(until(is_answered) for _ in range(50)))
    assert len(answers) == 1
    assert await head(site) == before + 1


async def test_reports_are_idempotent_by_the_ids_of_what_they_report_and_heed_no_key(service):
    batch, key = [interaction()], with_key()
    answers = await asyncio.gather(
        *(service.post("/api/interactions", json={"interactions": batch}, headers=key) for _ in range(2))
    )
    assert {each.status_code for each in answers} == {202}
    other = await service.post("/api/interactions", json={"interactions": [interaction()]}, headers=key)
    assert other.json()["accepted"] == 1
    assert (await report(service, *batch)).json()["duplicates"] == 1
