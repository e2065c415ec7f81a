"""How often somebody may ask, over HTTP."""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from domain.identity.api_key import Scope
from tests.api.test_engagement import interaction, report
from tests.support.databases import empty_database
from tests.support.scrape import counted
from tests.support.site import Site, open_site, settings_for

pytestmark = pytest.mark.anyio

LIMITS = {"user_per_minute": 10, "service_per_minute": 0, "staff_per_minute": 600, "failures_per_minute": 10}


@pytest.fixture(scope="module")
async def site(postgres_url: str, nats_url: str, redis_url: str) -> AsyncIterator[Site]:
    with empty_database(postgres_url) as database:
        async with open_site(settings_for(database, nats_url, redis_url, **LIMITS)) as site:
            yield site


async def ask(client: httpx.AsyncClient, times: int) -> list[httpx.Response]:
    return [await client.get(f"/api/users/{uuid4()}") for _ in range(times)]


def from_address(site: Site, address: str, **headers: str) -> httpx.AsyncClient:
    """A client that nobody else shares an address with."""
    asgi: Any = site.app
    transport = httpx.ASGITransport(app=asgi, client=(address, 4711))
    return httpx.AsyncClient(transport=transport, base_url="http://playhead", headers=headers)


async def test_a_user_is_told_how_much_is_left(site):
    client = await site.bearer(Scope.USER, uuid4())
    answers = await ask(client, 3)
    assert [each.headers["ratelimit"].partition(";t=")[0] for each in answers] == [
        '"user";r=9', '"user";r=8', '"user";r=7'
    ]  # fmt: skip
    assert {each.headers["ratelimit-policy"] for each in answers} == {'"user";q=10;w=60'}


async def test_one_more_than_the_limit_is_turned_away_and_told_when_to_come_back(site):
    before = await counted(site, "playhead_rate_limited_total", limit="user")
    client = await site.bearer(Scope.USER, uuid4())
    *_, last = await ask(client, 11)
    assert (last.status_code, last.json()["code"]) == (429, "rate_limited")
    assert last.headers["content-type"] == "application/problem+json"
    assert 1 <= int(last.headers["retry-after"]) <= 6
    assert last.headers["ratelimit"] == f'"user";r=0;t={last.headers["retry-after"]}'
    assert await counted(site, "playhead_rate_limited_total", limit="user") == before + 1


async def test_what_is_turned_away_has_no_effect(site):
    user = uuid4()
    client = await site.bearer(Scope.USER, user)
    await ask(client, 10)
    head = await site.system.logs["engagement"].head()
    assert (await report(client, interaction(user_id=user))).status_code == 429
    assert await site.system.logs["engagement"].head() == head


async def test_all_keys_of_a_user_count_together_and_users_apart(site):
    ann, bob = uuid4(), uuid4()
    one, other, third = [await site.bearer(Scope.USER, user) for user in (ann, ann, bob)]
    await ask(one, 10)
    assert [each.status_code for each in await ask(other, 1)] == [429]
    assert [each.status_code for each in await ask(third, 1)] != [429]


async def test_two_hundred_at_once_with_ten_left_are_ten(site):
    client = await site.bearer(Scope.USER, uuid4())
    answers = await asyncio.gather(*(client.get(f"/api/users/{uuid4()}") for _ in range(200)))
    assert sum(each.status_code != 429 for each in answers) == 10


async def test_no_limit_is_not_told(site):
    client = await site.bearer(Scope.SERVICE)
    [*_, last] = await ask(client, 20)
    assert last.status_code == 404
    assert "ratelimit" not in last.headers


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/metrics"])
async def test_who_watches_the_process_is_not_counted(site, path):
    client = from_address(site, f"198.51.100.{len(path)}")
    assert {(await client.get(path)).status_code for _ in range(12)} == {200}


@pytest.mark.parametrize("shown", [{}, {"Authorization": f"Bearer ph_{uuid4().hex}_{'a' * 52}"}])
async def test_who_shows_nothing_that_opens_something_is_bounded_by_address(site, shown):
    client = from_address(site, f"192.0.2.{len(shown)}", **shown)
    answers = await ask(client, 12)
    assert [each.status_code for each in answers] == [401] * 10 + [429] * 2
    assert answers[0].headers["ratelimit"].startswith('"failures";r=9;')
    assert int(answers[-1].headers["retry-after"]) >= 1


async def test_beyond_the_limit_a_guess_is_not_looked_at(site):
    guessing = from_address(site, "192.0.2.50")
    await ask(guessing, 11)
    right = await site.bearer(Scope.SERVICE)
    lucky = from_address(site, "192.0.2.50", Authorization=right.headers["Authorization"])
    assert [each.status_code for each in await ask(lucky, 1)] == [429]


async def test_who_shares_an_address_with_a_guesser_goes_on(site):
    right = await site.bearer(Scope.SERVICE)
    honest = from_address(site, "192.0.2.60", Authorization=right.headers["Authorization"])
    assert [each.status_code for each in await ask(honest, 1)] == [404]
    await ask(from_address(site, "192.0.2.60"), 12)
    assert [each.status_code for each in await ask(honest, 1)] == [404]
    assert [each.status_code for each in await ask(from_address(site, "192.0.2.61"), 1)] == [401]


async def test_a_network_of_ipv6_is_one_address(site):
    neighbours = [from_address(site, f"2001:db8:0:7::{n}") for n in range(1, 12)]
    answers = [(await ask(each, 1))[0].status_code for each in neighbours]
    assert answers == [401] * 10 + [429]
    assert [each.status_code for each in await ask(from_address(site, "2001:db8:0:8::1"), 1)] == [401]


async def test_without_redis_reads_go_on_and_writes_are_still_bounded(database, nats_url):
    settings = settings_for(database, nats_url, "redis://127.0.0.1:9/0", **LIMITS)
    async with open_site(settings, projecting=False) as site:
        user = uuid4()
        client = await site.bearer(Scope.USER, user)
        assert {each.status_code for each in await ask(client, 30)} == {403}
        written = [(await report(client, interaction(user_id=user))).status_code for _ in range(12)]
        assert written == [202] * 10 + [429] * 2
        text = (await site.client.get("/metrics")).text
        assert re.search(r'playhead_rate_limit_unshared_total\{decision="counted_alone"\} [1-9]', text)
