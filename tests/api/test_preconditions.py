"""Versions of things as HTTP says them: ETag, If-None-Match, If-Match."""

import asyncio
from uuid import uuid4

import pytest

from tests.api.test_catalog import draft, publish
from tests.api.test_engagement import interaction, report
from tests.api.test_identity import ANN

pytestmark = pytest.mark.anyio


@pytest.fixture
async def user(service) -> str:
    return f"/api/users/{(await service.post('/api/users', json=ANN)).json()['id']}"


async def test_a_thing_is_answered_with_the_tag_of_its_version(service, user):
    assert (await service.get(user)).headers["etag"] == '"1"'
    changed = await service.put(user, json={"name": "Anna"})
    assert changed.headers["etag"] == '"2"'
    assert (await service.get(user)).headers["etag"] == '"2"'


async def test_what_is_made_has_a_tag_at_once(service):
    answer = await service.post("/api/videos", json={"creator_id": str(uuid4()), "title": "x"})
    assert (answer.status_code, answer.headers["etag"]) == (201, '"1"')


@pytest.mark.parametrize("form", ["{}", "W/{}", '"9", {}', "*", ' "x" , W/{} '])
async def test_who_has_the_present_version_is_not_sent_it_again(service, user, form):
    tag = (await service.get(user)).headers["etag"]
    answer = await service.get(user, headers={"If-None-Match": form.format(tag)})
    assert (answer.status_code, answer.content) == (304, b"")
    assert answer.headers["etag"] == tag


@pytest.mark.parametrize("form", ['"7"', '""', "1", '"11"', "nonsense"])
async def test_who_has_another_version_is_sent_the_present_one(service, user, form):
    assert (await service.get(user, headers={"If-None-Match": form})).status_code == 200


async def test_a_video_is_another_answer_when_its_counts_change_and_the_same_version(service):
    receipt = await publish(service)
    path = f"/api/videos/{receipt['id']}"
    before = await service.get(path, params={"min_position": receipt["position"]})
    liked = (await report(service, interaction(video_id=receipt["id"]))).json()["position"]
    known = {"min_position": f"engagement:{liked}"}
    after = await service.get(path, params=known, headers={"If-None-Match": before.headers["etag"]})
    assert (after.status_code, after.json()["counts"]["likes"]) == (200, 1)
    assert after.headers["etag"] != before.headers["etag"]
    same = await service.get(path, params=known, headers={"If-None-Match": after.headers["etag"]})
    assert same.status_code == 304
    # Both speak of version 2, and a command may name either.
    for tag in (before.headers["etag"], after.headers["etag"]):
        assert tag.startswith('"2-')
    assert (await service.put(path, json={"title": "y"}, headers={"If-Match": before.headers["etag"]})).is_success


async def test_a_change_of_what_was_not_seen_is_refused(service, user):
    await service.put(user, json={"name": "Anna"})
    refused = await service.put(user, json={"name": "Anne"}, headers={"If-Match": '"1"'})
    assert (refused.status_code, refused.json()["code"]) == (412, "version_mismatch")
    assert (await service.get(user)).json()["attributes"]["name"] == "Anna"


@pytest.mark.parametrize("form", ['"1"', ' "1" ', "*", '"1-0a0a"'])
async def test_a_change_of_what_was_seen_is_made(service, user, form):
    changed = await service.put(user, json={"name": "Anna"}, headers={"If-Match": form})
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')


@pytest.mark.parametrize("form", ["1", 'W/"1"', '"1", "2"', '"x"', '""', '"1', '"1234567890123456789"', ""])
async def test_what_is_no_tag_of_ours_is_refused(service, user, form):
    answer = await service.put(user, json={"name": "Anna"}, headers={"If-Match": form})
    assert (answer.status_code, answer.json()["code"]) == (400, "if_match_invalid")
    assert answer.json()["errors"][0]["field"] == "If-Match"


async def test_of_many_who_saw_the_same_version_one_changes_it(service, user):
    async def change(n):
        return await service.put(user, json={"name": f"Ann {n}"}, headers={"If-Match": '"1"'})

    answers = await asyncio.gather(*(change(n) for n in range(20)))
    assert sorted(each.status_code for each in answers) == [200] + [412] * 19


async def test_drafting_what_is_there_expects_its_version_too(service):
    receipt = await draft(service)
    body = {"id": receipt["id"], "creator_id": str(uuid4()), "title": "x"}
    answer = await service.post("/api/videos", json=body, headers={"If-Match": '"7"'})
    assert (answer.status_code, answer.json()["code"]) == (412, "version_mismatch")


async def test_a_call_sent_again_is_answered_before_its_version_is_looked_at(service, user):
    headers = {"If-Match": '"1"', "Idempotency-Key": str(uuid4())}
    answers = [await service.put(user, json={"name": "Anna"}, headers=headers) for _ in range(2)]
    assert [each.status_code for each in answers] == [200, 200]
    assert answers[1].headers["idempotency-replayed"] == "true"
