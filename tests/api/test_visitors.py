"""What visitors cannot learn or bring about, however often and from wherever they ask."""

import asyncio
import time
from statistics import median
from uuid import uuid4

import pytest

from application.identity.evenly import STEP_SECONDS
from domain.identity.account import account_stream
from domain.identity.account_events import EmailVerificationAsked, PasswordResetAsked
from tests.support.people import PASSWORD, account_of, member, new_address, register
from tests.support.site import OPERATOR, open_site, settings_for

pytestmark = pytest.mark.anyio


async def last_event(site, email):
    account = await account_of(site, email)
    *_, fact = await site.system.logs["identity"].stream(account_stream(account.user_id))
    return fact.event


async def seconds(asked):
    began = time.perf_counter()
    answer = await asked
    return time.perf_counter() - began, answer


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/accounts", {"password": PASSWORD}),
        ("/api/sessions", {"password": "not the right one"}),
        ("/api/password-resets", {}),
        ("/api/accounts/verification-requests", {}),
    ],
    ids=["register", "sign_in", "reset", "verification"],
)
async def test_an_account_cannot_be_told_from_none_by_answer_or_time(site, path, body):
    known = await member(site)
    there = [await seconds(site.client.post(path, json={"email": known.email, **body})) for _ in range(3)]
    absent = [await seconds(site.client.post(path, json={"email": new_address(), **body})) for _ in range(3)]
    said = {(answer.status_code, answer.text) for _, answer in [*there, *absent]}
    assert len(said) == 1
    # Both are a whole number of steps; a busy machine may take one more of them, whoever is asked about.
    for took in (median(taken for taken, _ in each) for each in (there, absent)):
        assert took >= STEP_SECONDS
        assert took % STEP_SECONDS < STEP_SECONDS / 2, took


async def test_mails_are_promised_to_those_who_exist_and_are_meant(site):
    ann, nobody, late = await member(site), new_address(), new_address()
    await register(site, late)
    for email in (ann.email, nobody, late):
        await site.client.post("/api/password-resets", json={"email": email})
        await site.client.post("/api/accounts/verification-requests", json={"email": email})
    assert isinstance(await last_event(site, ann.email), PasswordResetAsked)
    assert isinstance(await last_event(site, late), EmailVerificationAsked)
    assert await site.system.registrations.find(nobody, OPERATOR) is None


async def test_tries_on_an_account_are_counted_whether_it_exists_or_not(site):
    known = await member(site)
    for email in (known.email, new_address()):
        body = {"email": email, "password": "not the right one"}
        answers = [await site.client.post("/api/sessions", json=body) for _ in range(6)]
        assert [answer.status_code for answer in answers] == [401] * 5 + [429]
        assert answers[-1].json()["code"] == "rate_limited"
        assert 1 <= int(answers[-1].headers["retry-after"]) <= 30
    reset = await site.client.post("/api/password-resets", json={"email": known.email})
    assert reset.status_code == 202, "who forgot a password must be able to say so"


@pytest.mark.parametrize("path", ["/api/accounts", "/api/password-resets", "/api/accounts/verification-requests"])
async def test_no_mailbox_is_filled_by_those_who_ask_in_its_name(site, path):
    known = await member(site)
    for email in (known.email, new_address()):
        body = {"email": email} | ({"password": "another harbour town"} if path == "/api/accounts" else {})
        answers = await asyncio.gather(*(site.client.post(path, json=body) for _ in range(8)))
        assert sorted(answer.status_code for answer in answers) == [202] * 5 + [429] * 3


async def test_tries_from_one_place_are_counted_over_all_accounts(nats_url, redis_url, database):
    settings = settings_for(database, nats_url, redis_url, attempts_per_client=3)
    async with open_site(settings, projecting=False) as site:
        site.transport.client = (f"2001:db8:{uuid4().hex[:4]}:{uuid4().hex[:4]}::1", 1)
        answers = [
            await site.client.post("/api/sessions", json={"email": new_address(), "password": "wrong password"})
            for _ in range(4)
        ]
        assert [answer.status_code for answer in answers] == [401, 401, 401, 429]
        site.transport.client = (f"2001:db8:{uuid4().hex[:4]}:{uuid4().hex[:4]}::1", 1)
        elsewhere = await site.client.post("/api/sessions", json={"email": new_address(), "password": "wrong password"})
        assert elsewhere.status_code == 401
