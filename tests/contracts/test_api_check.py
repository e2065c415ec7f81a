"""A few hundred generated requests; thousands by ``./playhead check-api``."""

from typing import Any

import pytest

from tests.contracts.api_check import check
from tests.support.databases import empty_database
from tests.support.listening import listening
from tests.support.site import open_site, settings_for

pytestmark = pytest.mark.anyio

SETTINGS: dict[str, Any] = {"user_per_minute": 0, "staff_per_minute": 0, "read_your_writes_seconds": 0.2}


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Do not use the `random` module")  # the server does, in another thread
async def test_no_generated_request_gets_an_answer_that_is_not_in_the_document(
    postgres_url, nats_url, redis_url, milvus_uri
):
    with empty_database(postgres_url) as database:
        async with (
            open_site(settings_for(database, nats_url, redis_url, milvus_uri=milvus_uri, **SETTINGS)) as site,
            listening(site.app) as port,
        ):
            report = await check(site, port, cases=400, start=1)
    assert [str(each) for each in report.findings] == []
    assert report.cases.total() >= 300
    assert {status for _, status in report.statuses if status >= 500} <= {503}
    assert sum(count for (_, status), count in report.statuses.items() if status < 300) > 20
