"""API keys: who may make which, who sees them, and what is known of their use."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from adapters.composition import compose, utc_now
from domain.identity.api_key import ApiKeyIssued, Scope
from tests.support.people import member

pytestmark = pytest.mark.anyio

KEYS = "/api/api-keys"


async def issue(client, scope="user", label="phone", **told):
    headers = told.pop("headers", {})
    return await client.post(KEYS, json={"scope": scope, "label": label, **told}, headers=headers)


async def listed(client, **asked):
    return (await client.get(KEYS, params=asked)).json()


async def test_a_user_makes_a_key_that_acts_for_them_and_sees_it_without_its_secret(site):
    ann = await member(site)
    issued = await issue(ann.client)
    assert issued.status_code == 201
    key = issued.json()
    theirs = ann.with_secret(key["key"])
    assert (await theirs.get("/api/accounts/me")).json()["id"] == str(ann.user_id)
    [shown] = (await listed(ann.client, min_position=key["position"]))["items"]
    assert (shown["id"], shown["label"], shown["scope"], shown["user_id"]) == (
        key["id"],
        "phone",
        "user",
        str(ann.user_id),
    )
    assert key["key"].rpartition("_")[2] not in str(shown)


async def test_a_user_makes_no_key_that_may_do_more_than_they_may(site):
    ann, bob = await member(site), await member(site)
    for scope in ("service", "auditor", "admin", "creator"):
        assert (await issue(ann.client, scope)).json()["code"] == "scope_missing", scope
    assert (await issue(ann.client, user_id=str(bob.user_id))).json()["code"] == "not_this_user"
    await ann.client.put("/api/accounts/me/roles/creator")
    made = await issue(ann.client, "creator")
    video = {"creator_id": str(ann.user_id), "title": "First"}
    assert (await ann.with_secret(made.json()["key"]).post("/api/videos", json=video)).status_code == 201
    plain = await issue(ann.client, "user")
    refused = await ann.with_secret(plain.json()["key"]).post("/api/videos", json=video)
    assert refused.json()["code"] == "scope_missing"


async def test_a_key_makes_no_other_key_and_cannot_list_those_of_others(site, service):
    ann, bob = await member(site), await member(site)
    key = ann.with_secret((await issue(ann.client)).json()["key"])
    assert (await issue(key)).json()["code"] == "session_needed"
    assert (await key.get(KEYS, params={"user_id": str(bob.user_id)})).json()["code"] == "not_this_user"
    assert (await issue(service, "service")).json()["code"] == "scope_missing"
    assert (await service.get(KEYS)).json()["code"] == "not_a_user"


async def test_a_user_revokes_their_own_key_at_once_and_nobody_elses(site):
    ann, eve = await member(site), await member(site)
    key = (await issue(ann.client)).json()
    theirs = ann.with_secret(key["key"])
    assert (await theirs.get("/api/accounts/me")).status_code == 200
    refused = await eve.client.delete(f"{KEYS}/{key['id']}")
    assert (refused.status_code, refused.json()["code"]) == (404, "api_key_not_found")
    revoked = await ann.client.delete(f"{KEYS}/{key['id']}")
    assert revoked.status_code == 200
    assert (await theirs.get("/api/accounts/me")).status_code == 401
    [shown] = (await listed(ann.client, min_position=revoked.json()["position"]))["items"]
    assert shown["revoked_at"] is not None


async def test_a_key_that_is_asked_for_again_with_its_idempotency_key_is_the_same(site):
    ann, bob = await member(site), await member(site)
    once = {"Idempotency-Key": uuid4().hex}
    first, again = [await issue(ann.client, headers=once) for _ in range(2)]
    assert first.json() == again.json()
    assert (first.headers.get("idempotency-replayed"), again.headers["idempotency-replayed"]) == (None, "true")
    assert (await issue(ann.client, label="other", headers=once)).json()["code"] == "idempotency_key_reused"
    assert (await issue(bob.client, headers=once)).json()["key"] != first.json()["key"]
    keys = await listed(ann.client, min_position=first.json()["position"])
    assert [key["id"] for key in keys["items"]] == [first.json()["id"]]
    assert (await ann.with_secret(again.json()["key"]).get("/api/accounts/me")).status_code == 200


async def test_keys_are_listed_in_pages_the_newest_first(site):
    ann = await member(site)
    made = [(await issue(ann.client, label=f"key {n}")).json() for n in range(5)]
    cursor, seen = None, []
    while True:
        page = await listed(
            ann.client, limit=2, min_position=made[-1]["position"], **({"cursor": cursor} if cursor else {})
        )
        seen += [(key["id"], key["label"]) for key in page["items"]]
        if (cursor := page["next_cursor"]) is None:
            break
    assert seen == [(key["id"], f"key {n}") for n, key in reversed(list(enumerate(made)))]


async def test_admins_see_everybodys_keys_or_one_users(site, admin):
    ann = await member(site)
    key = (await issue(ann.client)).json()
    found = await listed(admin, user_id=str(ann.user_id), min_position=key["position"])
    assert [each["id"] for each in found["items"]] == [key["id"]]
    everybodys = await listed(admin, limit=100)
    assert {each["user_id"] for each in everybodys["items"]} >= {None, str(ann.user_id)}


async def test_the_last_use_of_a_key_is_known_to_the_minute(site):
    ann = await member(site)
    key = (await issue(ann.client)).json()
    [unused] = (await listed(ann.client, min_position=key["position"]))["items"]
    assert unused["used_at"] is None
    before = utc_now().replace(second=0, microsecond=0)
    for _ in range(3):
        await ann.with_secret(key["key"]).get("/api/accounts/me")
    await site.system.key_uses.write()
    [used] = (await listed(ann.client))["items"]
    assert used["used_at"] in {f"{before + timedelta(minutes=late):%Y-%m-%dT%H:%M:%SZ}" for late in (0, 1)}


async def test_a_later_use_is_never_overwritten_by_an_earlier_one(site):
    key_id, now = uuid4(), utc_now()
    for at in (now, now - timedelta(hours=1)):
        async with compose(site.system.settings) as process:
            process.key_uses.note(key_id, None, at)  # written when the process ends
    async with site.system.pool.connection() as connection:
        found = await connection.execute("SELECT used_at FROM vault.key_uses WHERE key_id = %s", (key_id,))
        assert await found.fetchone() == (now.replace(second=0, microsecond=0),)


async def test_an_expired_key_opens_nothing(site):
    ann = await member(site)
    soon = (utc_now() - timedelta(seconds=1)).isoformat()
    made = (await issue(ann.client, expires_at=soon)).json()
    assert (await ann.with_secret(made["key"]).get("/api/accounts/me")).status_code == 401


async def test_the_label_of_a_key_is_sealed_for_its_user(site):
    ann = await member(site)
    label = f"canary {uuid4().hex}"
    made = (await issue(ann.client, label=label)).json()
    [fact] = await site.system.logs["identity"].stream(UUID(made["id"]))
    assert (fact.subject_id, fact.event.label, type(fact.event)) == (ann.user_id, label, ApiKeyIssued)
    async with site.system.pool.connection() as connection:
        rows = await connection.execute("SELECT convert_from(state, 'UTF8') FROM log.identity_events")
        assert not any(label in state for (state,) in await rows.fetchall())
        await connection.execute("DELETE FROM vault.subject_keys WHERE subject_id = %s", (ann.user_id,))
    async with compose(site.system.settings) as other:
        assert [str(each) for each in await other.api_keys.labels([UUID(made["id"])])] == ["Erased()"]
        bearer = await other.api_keys.bearer(made["key"])
    assert bearer is not None
    assert bearer[1].scope is Scope.USER
