"""Accounts over HTTP: what visitors can do, what they cannot learn, and what owners can change."""

import asyncio
from uuid import uuid4

import pytest

from adapters.composition import compose
from application.identity.link_tokens import LinkPurpose
from application.identity.registration import Registration
from domain.identity.account import account_stream
from domain.identity.account_events import (
    AccountOpened,
    RegistrationRepeated,
    Role,
)
from domain.identity.api_key import Scope
from tests.support.people import PASSWORD, account_of, link, member, new_address, register, verify
from tests.support.site import OPERATOR

pytestmark = pytest.mark.anyio

OTHER = "another harbour town"


async def events_of(site, email):
    account = await account_of(site, email)
    return [fact.event for fact in await site.system.logs["identity"].stream(account_stream(account.user_id))]


async def test_who_reads_the_mail_of_an_address_has_an_account(site):
    email = new_address()
    registered = await register(site, email)
    assert registered.status_code == 202
    early = await site.client.post("/api/sessions", json={"email": email, "password": PASSWORD})
    assert (early.status_code, early.json()["code"]) == (403, "email_not_verified")
    assert (await verify(site, email)).status_code == 200
    signed = await site.client.post("/api/sessions", json={"email": f" {email.upper()}", "password": PASSWORD})
    assert signed.status_code == 201
    bearer = {"Authorization": f"Bearer {signed.json()['access_token']}"}
    mine = await site.client.get("/api/accounts/me", headers=bearer)
    assert mine.json() == {"id": signed.json()["user_id"], "email": email, "verified": True, "roles": []}
    user = await site.client.get(f"/api/users/{signed.json()['user_id']}", headers=bearer)
    assert user.json()["attributes"] == {"kind": "known", "name": "Ada", "email": email}


async def test_following_the_link_again_changes_nothing(site):
    email = new_address()
    await register(site, email)
    body = {"token": await link(site, email, LinkPurpose.VERIFICATION), "password": PASSWORD}
    answers = [await site.client.post("/api/accounts/verification", json=body) for _ in range(2)]
    assert answers[0].json() == answers[1].json()


@pytest.mark.parametrize("path", ["/api/accounts/verification", "/api/passwords"])
async def test_a_link_of_another_kind_or_of_nobody_opens_nothing(site, path):
    email = new_address()
    await register(site, email)
    await site.client.post("/api/password-resets", json={"email": email})
    wrong = LinkPurpose.PASSWORD_RESET if path.endswith("verification") else LinkPurpose.VERIFICATION
    good = await link(site, email, wrong)
    for token in (good, good[:-2] + "AA", "", "x", "=" * 8, "\u00e9" * 86, good * 2, "A" * 86):
        answer = await site.client.post(path, json={"token": token, "password": OTHER})
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "token"), token
    assert not (await account_of(site, email)).verified


async def test_an_address_that_is_registered_again_is_answered_the_same_and_its_owner_is_told(site):
    ann = await member(site)
    again = await register(site, ann.email, OTHER)
    fresh = await register(site, new_address(), OTHER)
    assert (again.status_code, again.json()) == (fresh.status_code, fresh.json())
    assert isinstance((await events_of(site, ann.email))[-1], RegistrationRepeated)
    await ann.sign_in()
    refused = await site.client.post("/api/sessions", json={"email": ann.email, "password": OTHER})
    assert refused.json()["code"] == "sign_in_refused"


async def test_who_registers_before_the_owner_gains_nothing(site):
    email = new_address()
    await register(site, email, "the password of a stranger")
    strangers_link = await link(site, email, LinkPurpose.VERIFICATION)
    await register(site, email, PASSWORD)
    stale = await site.client.post(
        "/api/accounts/verification", json={"token": strangers_link, "password": "the password of a stranger"}
    )
    assert stale.json()["code"] == "link_invalid"
    await verify(site, email)
    stranger = await site.client.post("/api/sessions", json={"email": email, "password": "the password of a stranger"})
    assert stranger.json()["code"] == "sign_in_refused"
    owner = await site.client.post("/api/sessions", json={"email": email, "password": PASSWORD})
    assert owner.status_code == 201


async def test_who_registers_after_the_owner_gains_nothing_when_the_owner_follows_the_link(site):
    email = new_address()
    await register(site, email, PASSWORD)
    await register(site, email, "the password of a stranger")
    refused = await verify(site, email)
    assert (refused.status_code, refused.json()["code"]) == (422, "password_wrong")
    assert not (await account_of(site, email)).verified
    stranger = await site.client.post("/api/sessions", json={"email": email, "password": "the password of a stranger"})
    assert stranger.json()["code"] == "email_not_verified"
    await site.client.post("/api/password-resets", json={"email": email})
    token = await link(site, email, LinkPurpose.PASSWORD_RESET)
    await site.client.post("/api/passwords", json={"token": token, "password": PASSWORD})
    owner = await site.client.post("/api/sessions", json={"email": email, "password": PASSWORD})
    assert owner.status_code == 201


async def test_an_account_that_an_admin_vouches_for_is_not_a_strangers(site):
    email = new_address()
    await register(site, email, "the password of a stranger")
    strangers_link = await link(site, email, LinkPurpose.VERIFICATION)
    asked = Registration(email=email, password=PASSWORD)
    user_id = await site.system.registrations.open_verified(asked, OPERATOR)
    await site.system.roles.grant(user_id, Role.ADMIN, OPERATOR)
    await site.client.post(
        "/api/accounts/verification", json={"token": strangers_link, "password": "the password of a stranger"}
    )
    refused = await site.client.post("/api/sessions", json={"email": email, "password": "the password of a stranger"})
    assert refused.json()["code"] == "sign_in_refused"
    owner = await site.client.post("/api/sessions", json={"email": email, "password": PASSWORD})
    assert (owner.status_code, owner.json()["scope"]) == (201, "admin")


async def test_a_registration_that_fell_half_way_is_completed_by_the_next(site):
    email = new_address()
    user_id = uuid4()
    assert await site.system.registrations._addresses.reserve(email, user_id) == user_id  # noqa: SLF001 - what was done when it fell
    await register(site, email)
    await verify(site, email)
    signed = await site.client.post("/api/sessions", json={"email": email, "password": PASSWORD})
    assert signed.json()["user_id"] == str(user_id)


async def test_two_who_register_one_address_at_once_open_one_account(site):
    email = new_address()
    answers = await asyncio.gather(*(register(site, email, each) for each in (PASSWORD, OTHER)))
    assert {answer.status_code for answer in answers} == {202}
    happened = await events_of(site, email)
    assert [type(event) for event in happened].count(AccountOpened) == 1
    if (await verify(site, email, PASSWORD)).status_code != 200:
        assert (await verify(site, email, OTHER)).status_code == 200
    signed = [
        await site.client.post("/api/sessions", json={"email": email, "password": each}) for each in (PASSWORD, OTHER)
    ]
    assert [answer.status_code for answer in signed].count(201) == 1
    async with site.system.pool.connection() as connection:
        hashes = await connection.execute(
            "SELECT count(*) FROM vault.credentials JOIN vault.email_addresses USING (user_id) WHERE digest = %s",
            (bytes.fromhex(site.system.registrations._addresses.digest(email)),),  # noqa: SLF001 - the table's own words
        )
        assert await hashes.fetchone() == (1,)


async def test_everybody_may_be_a_creator_and_only_admins_make_auditors_and_admins(site, admin):
    ann, bob = await member(site), await member(site)
    video = {"creator_id": str(ann.user_id), "title": "First"}
    refused = await ann.client.post("/api/videos", json=video)
    assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing")
    assert (await ann.client.put("/api/accounts/me/roles/creator")).status_code == 200
    assert (await ann.client.post("/api/videos", json=video)).status_code == 201
    for path in ("/api/accounts/me/roles/admin", f"/api/users/{ann.user_id}/roles/auditor"):
        assert (await ann.client.put(path)).json()["code"] == "scope_missing"
    for path in (f"/api/users/{bob.user_id}/roles/creator", f"/api/users/{bob.user_id}/roles/admin"):
        assert (await ann.client.put(path)).json()["code"] == "not_this_user"
    assert (await admin.put(f"/api/users/{ann.user_id}/roles/admin")).status_code == 200
    assert (await ann.client.get("/api/projections")).status_code == 200
    assert (await ann.client.delete(f"/api/users/{ann.user_id}/roles/admin")).status_code == 200
    assert (await ann.client.get("/api/projections")).status_code == 403
    assert (await admin.put(f"/api/users/{uuid4()}/roles/creator")).status_code == 404


async def test_a_key_of_a_service_has_no_account_of_its_own(service):
    answer = await service.get("/api/accounts/me")
    assert (answer.status_code, answer.json()["code"]) == (403, "not_a_user")


async def test_secrets_and_addresses_are_neither_in_the_log_nor_in_the_tables(site):
    email, password = f"canary-{uuid4().hex}@example.org", f"harbour {uuid4().hex}"
    await register(site, email, password)
    await verify(site, email, password)
    signed = (await site.client.post("/api/sessions", json={"email": email, "password": password})).json()
    canaries = [email, email.partition("@")[0], password, signed["access_token"], signed["refresh_token"]]
    async with site.system.pool.connection() as connection:
        tables = await connection.execute(
            "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname IN ('log', 'vault', 'read')"
        )
        for (table,) in await tables.fetchall():
            rows = await connection.execute(f"SELECT t::text FROM {table} t")  # noqa: S608 - its own name for itself
            text = "".join(row for (row,) in await rows.fetchall())
            for canary in canaries:
                assert canary not in text, table
                assert canary.encode().hex() not in text, table


async def test_a_closed_account_lets_nobody_in_and_leaves_no_secret(site):
    ann = await member(site)
    for _ in range(2):
        await site.system.accounts.close(ann.user_id, OPERATOR)
    refused = await site.client.post("/api/sessions", json={"email": ann.email, "password": PASSWORD})
    assert refused.json()["code"] == "sign_in_refused"
    async with site.system.pool.connection() as connection:
        for table in ("email_addresses", "credentials", "sessions", "key_uses"):
            found = await connection.execute(f"SELECT 1 FROM vault.{table} WHERE user_id = %s", (ann.user_id,))  # noqa: S608 - our own names
            assert await found.fetchone() is None, table
    assert (await register(site, ann.email)).status_code == 202


async def test_signing_in_works_after_a_restart(site):
    ann = await member(site)
    async with compose(site.system.settings) as other:
        found = await other.sessions.bearer(ann.tokens["access_token"])
    assert found is not None
    assert (found.user_id, found.scope) == (ann.user_id, Scope.USER)
