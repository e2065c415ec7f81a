"""Users and keys, over HTTP."""

import asyncio
import time
from datetime import timedelta
from uuid import uuid4

import pytest

from adapters.composition import utc_now
from domain.identity.api_key import Scope

pytestmark = pytest.mark.anyio

ANN = {"name": "Ann", "email": "ann@example.org", "birth_year": 1990, "country": "FR"}


async def until_closed(client, *, seconds: float, **request):
    """The first answer that the key gets when it opens nothing any more."""
    deadline = time.monotonic() + seconds
    while (answer := await client.get(f"/api/users/{uuid4()}", **request)).status_code != 401:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)
    return answer


async def test_a_user_is_registered_and_read_back(service):
    registered = await service.post("/api/users", json=ANN)
    receipt = registered.json()
    assert registered.status_code == 201
    assert registered.headers["location"] == f"/api/users/{receipt['id']}"
    assert receipt["version"] == 1
    shown = await service.get(f"/api/users/{receipt['id']}")
    assert shown.json() == {"id": receipt["id"], "attributes": {"kind": "known", **ANN}}


async def test_registering_the_same_id_again_answers_the_same(service):
    body = {"id": str(uuid4()), **ANN}
    first, second = [(await service.post("/api/users", json=body)).json() for _ in range(2)]
    assert first == second


async def test_attributes_are_replaced_as_a_whole(service):
    user = (await service.post("/api/users", json=ANN)).json()["id"]
    changed = await service.put(f"/api/users/{user}", json={"name": "Anna"})
    assert (changed.status_code, changed.json()["version"]) == (200, 2)
    shown = await service.get(f"/api/users/{user}")
    assert shown.json()["attributes"] == {"kind": "known", "name": "Anna"}


async def test_a_user_may_act_for_nobody_else(site, service):
    ann, bob = uuid4(), uuid4()
    for user in (ann, bob):
        await service.post("/api/users", json={"id": str(user)})
    client = await site.bearer(Scope.USER, ann)
    assert (await client.get(f"/api/users/{ann}")).status_code == 200
    refused = await client.get(f"/api/users/{bob}")
    assert (refused.status_code, refused.json()["code"]) == (403, "not_this_user")


async def test_a_key_opens_until_it_is_revoked(site, admin):
    issued = await admin.post("/api/api-keys", json={"scope": "service", "label": "back end"})
    assert issued.status_code == 201
    bearer = {"Authorization": f"Bearer {issued.json()['key']}"}
    assert (await site.client.get(f"/api/users/{uuid4()}", headers=bearer)).status_code == 404
    revoked = await admin.delete(f"/api/api-keys/{issued.json()['id']}")
    assert (revoked.status_code, revoked.json()["version"]) == (200, 2)
    answer = await until_closed(site.client, seconds=4, headers=bearer)
    assert answer.json()["code"] == "unauthenticated"


async def test_only_admins_hand_out_keys(service):
    refused = await service.post("/api/api-keys", json={"scope": "admin", "label": "mine"})
    assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing")


async def test_a_key_of_scope_user_names_its_user(admin):
    refused = await admin.post("/api/api-keys", json={"scope": "user", "label": "whose?"})
    assert (refused.status_code, refused.json()["code"]) == (422, "scope_needs_user")
    assert refused.json()["errors"][0]["field"] == "user_id"


async def test_every_key_that_opens_nothing_gets_the_same_answer(site):
    expired = await site.bearer(Scope.ADMIN, expires_at=utc_now() - timedelta(seconds=1))
    headers = [
        {},
        {"Authorization": "Basic YTpi"},
        {"Authorization": "Bearer "},
        {"Authorization": "Bearer ph_nonsense"},
        {"Authorization": f"Bearer ph_{uuid4().hex}_aaaa"},
        {"Authorization": "Bearer " + "x" * 10_000},
        dict(expired.headers),
    ]
    answers = [await site.client.get("/api/users/" + str(uuid4()), headers=each) for each in headers]
    bodies = [{**answer.json(), "instance": None} for answer in answers]
    assert all(answer.status_code == 401 for answer in answers)
    assert all(answer.headers["www-authenticate"] == "Bearer" for answer in answers)
    assert all(body == bodies[0] for body in bodies)


async def test_a_key_expires_at_its_moment_although_it_is_remembered(site):
    client = await site.bearer(Scope.ADMIN, expires_at=utc_now() + timedelta(seconds=0.7))
    assert (await client.get(f"/api/users/{uuid4()}")).status_code == 404
    await until_closed(client, seconds=1.5)
