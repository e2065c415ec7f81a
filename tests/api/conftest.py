"""One application for each module of tests."""

from collections.abc import AsyncIterator

import httpx
import pytest

from domain.identity.api_key import Scope
from tests.support.databases import empty_database
from tests.support.site import Site, open_site, settings_for


@pytest.fixture(scope="module")
async def site(postgres_url: str, nats_url: str, redis_url: str) -> AsyncIterator[Site]:
    with empty_database(postgres_url) as database:
        async with open_site(settings_for(database, nats_url, redis_url)) as site:
            yield site


@pytest.fixture(scope="module")
async def admin(site: Site) -> httpx.AsyncClient:
    return await site.bearer(Scope.ADMIN)


@pytest.fixture(scope="module")
async def service(site: Site) -> httpx.AsyncClient:
    return await site.bearer(Scope.SERVICE)
