"""Sessions: what proves them, what ends them, and what thieves get."""

import asyncio
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from structlog.testing import capture_logs

from adapters.composition import compose, utc_now
from api.conventions.session_cookie import COOKIE, CSRF_HEADER, csrf_token
from application.identity.session_secrets import ACCESS_LASTS, BROWSER_IDLES, BROWSER_LASTS, REFRESH_LASTS
from domain.identity.session import Ending, SessionClosed, SessionKind, SessionOpened
from tests.support.people import member
from tests.support.site import OPERATOR

pytestmark = pytest.mark.anyio

ME = "/api/accounts/me"
CREATOR = "/api/accounts/me/roles/creator"


async def refresh(site, token):
    return await site.client.post("/api/sessions/refresh", json={"refresh_token": token})


async def recorded(site, session_id):
    return [fact.event for fact in await site.system.logs["identity"].stream(UUID(session_id))]


def cookie(secret, **headers):
    return {"Cookie": f"{COOKIE}={secret}", **headers}


# --- tokens -----------------------------------------------------------------


async def test_refreshing_gives_new_tokens_and_uses_up_the_old_one(site):
    ann = await member(site)
    renewed = await refresh(site, ann.tokens["refresh_token"])
    assert renewed.status_code == 200
    assert renewed.json()["session_id"] == ann.tokens["session_id"]
    assert renewed.json()["refresh_token"] != ann.tokens["refresh_token"]
    assert (await ann.with_secret(renewed.json()["access_token"]).get(ME)).status_code == 200
    assert (await refresh(site, renewed.json()["refresh_token"])).status_code == 200


async def test_a_refresh_token_that_comes_again_ends_the_session_for_thief_and_owner(site):
    ann = await member(site)
    thief = (await refresh(site, ann.tokens["refresh_token"])).json()
    owner = await refresh(site, ann.tokens["refresh_token"])
    assert (owner.status_code, owner.json()["code"]) == (401, "refresh_refused")
    assert (await refresh(site, thief["refresh_token"])).json()["code"] == "refresh_refused"
    assert await site.system.sessions.bearer(thief["access_token"]) is None
    happened = await recorded(site, ann.tokens["session_id"])
    assert happened == [
        SessionOpened(user_id=ann.user_id, kind=SessionKind.TOKEN),
        SessionClosed(reason=Ending.TOKEN_REUSED),
    ]


async def test_of_many_who_use_one_refresh_token_at_once_exactly_one_wins(site):
    for _ in range(5):
        ann = await member(site)
        answers = await asyncio.gather(*(refresh(site, ann.tokens["refresh_token"]) for _ in range(12)))
        assert sorted(answer.status_code for answer in answers) == [200] + [401] * 11
        assert (await recorded(site, ann.tokens["session_id"]))[1:] == [SessionClosed(reason=Ending.TOKEN_REUSED)]


async def test_no_secret_opens_what_another_kind_opens(site):
    ann = await member(site)
    tokens, browser = ann.tokens, await ann.browser()
    assert (await ann.with_secret(tokens["refresh_token"]).get(ME)).status_code == 401
    assert (await ann.with_secret(browser).get(ME)).status_code == 401
    for secret in (tokens["access_token"], tokens["refresh_token"]):
        assert (await site.client.get(ME, headers=cookie(secret))).status_code == 401
    for secret in (tokens["access_token"], browser):
        assert (await refresh(site, secret)).json()["code"] == "refresh_refused"
    swapped = "pa_" + browser.removeprefix("ps_")
    assert (await ann.with_secret(swapped).get(ME)).status_code == 401


async def test_tokens_and_sessions_end_by_themselves(site):
    ann = await member(site)
    access, refresh_token = ann.tokens["access_token"], ann.tokens["refresh_token"]
    moments = {"now": utc_now()}
    async with compose(site.system.settings, clock=lambda: moments["now"]) as later:
        moments["now"] += ACCESS_LASTS + timedelta(seconds=5)
        assert await later.sessions.bearer(access) is None
        renewed = await later.sessions.refresh(refresh_token, OPERATOR.call)
        assert renewed.secrets.refresh is not None
        next_token = renewed.secrets.refresh.text
        moments["now"] += REFRESH_LASTS
        with pytest.raises(Exception, match="sign in again"):
            await later.sessions.refresh(next_token, OPERATOR.call)
        assert await later.vault.sweep(moments["now"]) > 0


async def test_a_session_ends_at_last_however_it_is_used(site):
    ann = await member(site)
    browser = await ann.browser()
    moments = {"now": utc_now()}
    end = moments["now"] + BROWSER_LASTS
    async with compose(site.system.settings, clock=lambda: moments["now"]) as later:
        while (now := moments["now"] + BROWSER_IDLES - timedelta(hours=1)) < end:
            moments["now"] = now
            assert await later.sessions.bearer(browser) is not None
        moments["now"] = end + timedelta(seconds=5)
        assert await later.sessions.bearer(browser) is None


async def test_a_session_in_use_outlives_its_idle_end_and_an_idle_one_does_not(site):
    ann, bob = await member(site), await member(site)
    used, idle = await ann.browser(), await bob.browser()
    moments = {"now": utc_now()}
    async with compose(site.system.settings, clock=lambda: moments["now"]) as later:
        moments["now"] += BROWSER_IDLES - timedelta(hours=1)
        assert await later.sessions.bearer(used) is not None
        moments["now"] += timedelta(hours=2)
        assert await later.sessions.bearer(used) is not None
        assert await later.sessions.bearer(idle) is None


async def test_secrets_are_neither_in_log_lines_nor_in_refusals(site):
    with capture_logs() as logs:
        ann = await member(site)
        answers = [await refresh(site, ann.tokens["refresh_token"]) for _ in range(2)]
    said = str(logs) + answers[1].text
    for secret in (ann.password, ann.email, ann.tokens["access_token"], ann.tokens["refresh_token"]):
        assert secret not in said


# --- signing out ------------------------------------------------------------


async def test_signing_out_ends_this_session_at_once_and_no_other(site):
    ann = await member(site)
    phone, phone_id = ann.client, ann.tokens["session_id"]
    await ann.sign_in()
    assert (await phone.delete("/api/sessions/current")).status_code == 200
    assert (await phone.get(ME)).status_code == 401
    assert (await ann.client.get(ME)).status_code == 200
    assert (await recorded(site, phone_id))[-1] == SessionClosed(reason=Ending.SIGNED_OUT)


async def test_signing_out_everywhere_ends_all_sessions_and_only_ones_own(site):
    ann, bob = await member(site), await member(site)
    first, first_id = ann.client, ann.tokens["session_id"]
    browser = await ann.browser()
    await ann.sign_in()
    assert (await ann.client.delete("/api/sessions")).status_code == 200
    for client in (first, ann.client):
        assert (await client.get(ME)).status_code == 401
    assert (await site.client.get(ME, headers=cookie(browser))).status_code == 401
    assert (await recorded(site, first_id))[-1] == SessionClosed(reason=Ending.EVERYWHERE)
    assert (await bob.client.get(ME)).status_code == 200
    await ann.sign_in()
    assert (await ann.client.get(ME)).status_code == 200


async def test_sessions_are_listed_in_pages_and_ended_one_by_one(site):
    ann = await member(site)
    old = ann.tokens["session_id"]
    await ann.browser()
    await ann.sign_in()
    first = (await ann.client.get("/api/sessions", params={"limit": 2})).json()
    rest = (await ann.client.get("/api/sessions", params={"limit": 2, "cursor": first["next_cursor"]})).json()
    shown = [*first["items"], *rest["items"]]
    assert [(each["kind"], each["current"]) for each in shown] == [
        ("token", True),
        ("browser", False),
        ("token", False),
    ]
    assert rest["next_cursor"] is None
    assert (await ann.client.delete(f"/api/sessions/{old}")).status_code == 200
    left = (await ann.client.get("/api/sessions")).json()["items"]
    assert old not in {each["id"] for each in left}
    assert len(left) == 2


async def test_nobody_sees_or_ends_a_session_of_somebody_else(site):
    ann, eve = await member(site), await member(site)
    refused = await eve.client.delete(f"/api/sessions/{ann.tokens['session_id']}")
    unknown = await eve.client.delete(f"/api/sessions/{uuid4()}")
    assert (refused.status_code, refused.json()["code"]) == (404, "session_not_found")
    assert refused.json()["code"] == unknown.json()["code"]
    assert ann.tokens["session_id"] not in (await eve.client.get("/api/sessions")).text
    assert (await ann.client.get(ME)).status_code == 200


async def test_a_session_that_an_event_ended_stays_ended_although_its_row_is_there(site):
    ann = await member(site)
    async with site.system.pool.connection() as connection:
        await connection.execute("CREATE TABLE kept AS SELECT * FROM vault.sessions WHERE user_id = %s", (ann.user_id,))
        await connection.execute(
            "CREATE TABLE kept_secrets AS SELECT s.* FROM vault.session_secrets s JOIN kept USING (session_id)"
        )
        await ann.client.delete("/api/sessions")
        await connection.execute("INSERT INTO vault.sessions SELECT * FROM kept")
        await connection.execute("INSERT INTO vault.session_secrets SELECT * FROM kept_secrets")
        await connection.execute("DROP TABLE kept, kept_secrets")
    assert await site.system.sessions.bearer(ann.tokens["access_token"]) is None
    assert (await refresh(site, ann.tokens["refresh_token"])).json()["code"] == "refresh_refused"


# --- browsers ---------------------------------------------------------------


async def test_a_browser_may_read_with_its_cookie_alone(site):
    ann = await member(site)
    shown = await site.client.get(ME, headers=cookie(await ann.browser()))
    assert shown.json()["email"] == ann.email


async def test_a_browser_changes_things_only_with_a_token_and_from_our_pages(site):
    ann, eve = await member(site), await member(site)
    secret, others = await ann.browser(), await eve.browser()
    good = csrf_token(secret)
    mine = {CSRF_HEADER: good, "Sec-Fetch-Site": "same-origin"}
    refused = [
        {},
        {CSRF_HEADER: ""},
        {CSRF_HEADER: "x" * 86},
        {CSRF_HEADER: csrf_token(others)},
        {CSRF_HEADER: good[:-3]},
        {**mine, "Sec-Fetch-Site": "cross-site"},
        {**mine, "Sec-Fetch-Site": "same-site"},
        {CSRF_HEADER: good, "Origin": "https://evil.example"},
        {CSRF_HEADER: good, "Origin": "null"},
        {CSRF_HEADER: good, "Origin": "http://playhead.evil.example"},
        {"Sec-Fetch-Site": "same-origin"},
    ]
    for headers in refused:
        answer = await site.client.put(CREATOR, headers=cookie(secret, **headers))
        assert (answer.status_code, answer.json()["code"]) == (403, "csrf_refused"), headers
    for headers in (mine, {CSRF_HEADER: good, "Origin": "http://playhead"}, {CSRF_HEADER: csrf_token(secret)}):
        assert (await site.client.put(CREATOR, headers=cookie(secret, **headers))).status_code == 200, headers


async def test_a_csrf_token_is_another_one_each_time_and_holds_no_part_of_the_cookie(site):
    secret = await (await member(site)).browser()
    tokens = {csrf_token(secret) for _ in range(50)}
    assert len(tokens) == 50
    halves = {urlsafe_b64decode(token + "==")[32:] for token in tokens}
    assert len(halves) == 50
    assert not any(secret.removeprefix("ps_")[:8] in token for token in tokens)


async def test_a_bit_changed_anywhere_in_a_csrf_token_spoils_it(site):
    secret = await (await member(site)).browser()
    written = bytearray(urlsafe_b64decode(csrf_token(secret) + "=="))
    for place in range(0, len(written), 7):
        changed = bytearray(written)
        changed[place] ^= 1
        token = urlsafe_b64encode(changed).decode()
        answer = await site.client.put(CREATOR, headers=cookie(secret, **{CSRF_HEADER: token}))
        assert answer.status_code == 403, place


async def test_a_header_that_opens_nothing_is_not_made_good_by_a_cookie(site):
    secret = await (await member(site)).browser()
    answer = await site.client.get(ME, headers=cookie(secret, Authorization="Bearer ph_nonsense"))
    assert answer.status_code == 401


async def test_roles_and_signing_out_count_at_once_where_they_were_asked_for(site):
    ann = await member(site)
    video = {"creator_id": str(ann.user_id), "title": "First"}
    assert (await ann.client.post("/api/videos", json=video)).status_code == 403
    await ann.client.put(CREATOR)
    assert (await ann.client.post("/api/videos", json=video)).status_code == 201
