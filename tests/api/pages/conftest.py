"""One platform for each module of tests, with a few videos."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from api.pages.viewer import STRANGER
from domain.identity.account_events import Role
from projections.recommendations.question import FeedQuestion
from tests.support.audience import creator, member, open_platform, own_database, publish
from tests.support.databases import empty_database
from tests.support.pages import Visitor
from tests.support.site import Site, settings_for

TITLES = [f"Plum cake, {number} ways" for number in range(1, 31)]


@pytest.fixture(scope="module")
async def site(
    postgres_url: str, nats_url: str, redis_url: str, milvus_uri: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Site]:
    with empty_database(postgres_url) as database:
        folder = str(tmp_path_factory.mktemp("pages"))
        settings = settings_for(database, nats_url, own_database(redis_url), milvus_uri=milvus_uri, data=folder)
        async with open_platform(settings) as site:
            yield site


@pytest.fixture(scope="module")
async def baker(site: Site) -> UUID:
    return await creator(site, "Vega")


@pytest.fixture(scope="module")
async def videos(site: Site, baker: UUID) -> list[UUID]:
    """Thirty videos, which the feed knows of."""
    ids = list(await publish(site, baker, *TITLES))
    head = await site.system.logs["catalog"].head()
    await site.system.recommender.feed(FeedQuestion(user_id=STRANGER, at_least={"catalog": head}))
    return ids


@pytest.fixture
def visitor(site: Site) -> Visitor:
    return Visitor(site)


@pytest.fixture(scope="module")
async def ada(site: Site) -> Visitor:
    return (await member(site))[0]


@pytest.fixture(scope="module")
async def admin(site: Site) -> Visitor:
    return (await member(site, Role.ADMIN, name="Grace"))[0]
