"""What is amiss is told in words: which part, why, since when, and what does not work meanwhile."""

import psycopg
import pytest

from domain.identity.api_key import Scope
from domain.kernel.ids import uuid7
from tests.api.test_catalog import draft
from tests.support.databases import empty_database
from tests.support.site import open_site, settings_for

pytestmark = pytest.mark.anyio


async def test_a_read_model_that_is_far_behind_is_named_with_its_distance(postgres_url, nats_url, redis_url):
    with empty_database(postgres_url) as database:
        settings = settings_for(database, nats_url, redis_url, lag_limit=1)
        async with open_site(settings, projecting=False) as site:
            service = await site.bearer(Scope.SERVICE)
            for _ in range(3):
                await draft(service, uuid7(site.system.clock()))
            answer = await site.client.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    check = answer.json()["checks"]["read_models"]
    assert "videos is 3 events behind catalog" in check["error"]
    assert check["without"] == "answers from these are older than they should be"
    assert check["since"]


async def test_a_database_older_than_the_code_is_told_with_what_to_do(postgres_url, nats_url, redis_url):
    with empty_database(postgres_url) as database:
        async with open_site(settings_for(database, nats_url, redis_url), projecting=False) as site:
            with psycopg.connect(database, autocommit=True) as connection:
                connection.execute("DELETE FROM public.migrations WHERE name LIKE '0001%'")
            answer = await site.client.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (503, "unready")
    assert answer.json()["checks"]["schema"]["error"].startswith("not applied, `playhead migrate` does it: 0001")
