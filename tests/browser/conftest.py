"""One platform and one browser for each module of tests."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser

from domain.identity.account_events import Role
from tests.browser.gallery import Gallery, open_gallery
from tests.browser.reader import Reader, chromium, open_browser, reading
from tests.support.audience import PASSWORD, account, own_database
from tests.support.databases import empty_database
from tests.support.site import settings_for


@pytest.fixture(scope="module")
async def gallery(
    postgres_url: str, nats_url: str, redis_url: str, milvus_uri: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Gallery]:
    with empty_database(postgres_url) as database:
        folder = str(tmp_path_factory.mktemp("browser"))
        settings = settings_for(database, nats_url, own_database(redis_url), milvus_uri=milvus_uri, data=folder)
        async with open_gallery(settings) as gallery:
            yield gallery


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    if (path := chromium()) is None:
        pytest.skip("there is no chromium here: apt-get install chromium")
    async with open_browser(path) as browser:
        yield browser


@pytest.fixture
async def visitor(browser: Browser, gallery: Gallery) -> AsyncIterator[Reader]:
    """Somebody who has not signed in, and whose browser must not complain."""
    async with reading(browser, gallery.origin) as reader:
        yield reader
    assert (reader.complaints, reader.strayed) == ([], [])


@pytest.fixture(scope="module")
async def kept(browser: Browser, gallery: Gallery, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The cookies of an admin who has signed in."""
    _, email = await account(gallery.site, Role.ADMIN, Role.CREATOR)
    path = tmp_path_factory.mktemp("cookies") / "state.json"
    async with reading(browser, gallery.origin) as reader:
        await reader.sign_in(email, PASSWORD)
        await reader.context.storage_state(path=path)
    return path


@pytest.fixture
async def admin(browser: Browser, gallery: Gallery, kept: Path) -> AsyncIterator[Reader]:
    """An admin, who makes videos as well."""
    async with reading(browser, gallery.origin, storage_state=kept) as reader:
        yield reader
    assert (reader.complaints, reader.strayed) == ([], [])
