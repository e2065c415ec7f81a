"""Passwords over HTTP: forgotten, changed, guessed at."""

import asyncio
from uuid import UUID, uuid4

import pytest
from argon2 import PasswordHasher

from application.identity.link_tokens import LinkPurpose
from domain.identity.account import account_stream
from domain.identity.account_events import PasswordChanged
from domain.identity.session import Ending, SessionClosed
from tests.support.people import PASSWORD, account_of, link, member, new_address, register, verify

pytestmark = pytest.mark.anyio

OTHER = "another harbour town"


async def events_of(site, email):
    account = await account_of(site, email)
    return [fact.event for fact in await site.system.logs["identity"].stream(account_stream(account.user_id))]


async def test_the_password_behind_a_link_cannot_be_guessed(site):
    email = new_address()
    await register(site, email)
    answers = [await verify(site, email, f"guess number {number}") for number in range(7)]
    assert [answer.status_code for answer in answers] == [422] * 5 + [429] * 2


async def test_a_forgotten_password_is_reset_by_mail_once_and_ends_all_sessions(site):
    ann = await member(site)
    cookie = await ann.browser()
    promised = await site.client.post("/api/password-resets", json={"email": ann.email})
    assert promised.status_code == 202
    token = await link(site, ann.email, LinkPurpose.PASSWORD_RESET)
    reset = await site.client.post("/api/passwords", json={"token": token, "password": OTHER})
    assert reset.status_code == 200, reset.text
    assert (await ann.client.get("/api/accounts/me")).status_code == 401
    assert await site.system.sessions.bearer(cookie) is None
    refreshed = await site.client.post("/api/sessions/refresh", json={"refresh_token": ann.tokens["refresh_token"]})
    assert refreshed.json()["code"] == "refresh_refused"
    again = await site.client.post("/api/passwords", json={"token": token, "password": "a third harbour town"})
    assert again.json()["code"] == "link_invalid"
    session = await site.system.logs["identity"].stream(UUID(ann.tokens["session_id"]))
    assert [fact.event for fact in session][1:] == [SessionClosed(reason=Ending.PASSWORD_CHANGED)]
    async with site.system.pool.connection() as connection:
        left = await connection.execute("SELECT 1 FROM vault.sessions WHERE user_id = %s", (ann.user_id,))
        assert await left.fetchone() is None
    ann.password = OTHER
    await ann.sign_in()


async def test_resets_race_and_one_wins(site):
    ann = await member(site)
    await site.client.post("/api/password-resets", json={"email": ann.email})
    token = await link(site, ann.email, LinkPurpose.PASSWORD_RESET)
    answers = await asyncio.gather(
        *(site.client.post("/api/passwords", json={"token": token, "password": f"harbour {n} town"}) for n in range(8))
    )
    won = [n for n, answer in enumerate(answers) if answer.status_code == 200]
    assert len(won) == 1
    assert [type(event) for event in await events_of(site, ann.email)].count(PasswordChanged) == 1
    ann.password = f"harbour {won[0]} town"
    await ann.sign_in()


async def test_a_changed_password_ends_all_sessions_but_the_one_that_asked(site):
    ann = await member(site)
    elsewhere = ann.client
    await ann.sign_in()
    wrong = await ann.client.put("/api/accounts/me/password", json={"present": OTHER, "password": OTHER})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "password_wrong")
    weak = await ann.client.put("/api/accounts/me/password", json={"present": PASSWORD, "password": ann.email})
    assert (weak.status_code, weak.json()["code"]) == (422, "password_too_weak")
    changed = await ann.client.put("/api/accounts/me/password", json={"present": PASSWORD, "password": OTHER})
    assert changed.status_code == 200, changed.text
    assert (await ann.client.get("/api/accounts/me")).status_code == 200
    assert (await elsewhere.get("/api/accounts/me")).status_code == 401


async def test_a_change_that_is_sent_again_with_its_key_is_answered_again(site):
    ann = await member(site)
    body, once = {"present": PASSWORD, "password": OTHER}, {"Idempotency-Key": uuid4().hex}
    answers = [await ann.client.put("/api/accounts/me/password", json=body, headers=once) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()


async def test_a_password_is_hashed_anew_when_hashes_are_made_otherwise(site):
    ann = await member(site)
    account = await account_of(site, ann.email)
    old = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    async with site.system.pool.connection() as connection:
        await connection.execute(
            "UPDATE vault.credentials SET hash = %s WHERE credential_id = %s", (old, account.credential_id)
        )
    await ann.sign_in()
    async with site.system.pool.connection() as connection:
        row = await (
            await connection.execute(
                "SELECT hash FROM vault.credentials WHERE credential_id = %s", (account.credential_id,)
            )
        ).fetchone()
    assert row is not None
    assert row[0].startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    await ann.sign_in()
