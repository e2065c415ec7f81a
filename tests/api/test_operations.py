"""Alive, ready, measured."""

import re

import pytest

from adapters.composition import TABLES
from domain.identity.api_key import Scope
from tests.api.test_engagement import interaction, report
from tests.support.scrape import counted

pytestmark = pytest.mark.anyio


def samples(text: str, name: str) -> dict[str, float]:
    """The values of a metric by its labels."""
    return {labels: float(value) for labels, value in re.findall(rf"^{name}(\{{.*\}})? (\S+)$", text, re.MULTILINE)}


async def test_it_is_alive(site):
    answer = await site.client.get("/livez")
    assert (answer.status_code, answer.json()) == (200, {"status": "alive"})


async def test_without_a_recommender_it_is_degraded_and_still_takes_requests(site):
    answer = await site.client.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    assert {name for name, check in answer.json()["checks"].items() if check["status"] == "down"} == {"recommender"}


async def test_requests_are_measured_by_route_and_not_by_path(site):
    for path in ("/api/users/6f1c1c1e-0000-4000-8000-000000000000", "/nothing/1", "/nothing/2"):
        await site.client.get(path)
    counts = samples((await site.client.get("/metrics")).text, "http_server_request_duration_seconds_count")
    assert counts[label("/api/users/{user_id}", 401)] >= 1
    assert counts[label("(unmatched)", 404)] >= 2
    assert not any("6f1c1c1e" in labels for labels in counts)


def label(route: str, status: int) -> str:
    return f'{{http_request_method="GET",http_response_status_code="{status}",http_route="{route}"}}'


async def test_events_are_counted_once_by_the_process_that_recorded_them(site, service):
    before, batch = await counted(site, "playhead_events_appended_total", log="engagement"), [interaction()] * 2
    for _ in range(2):
        await report(service, *batch, interaction())
    assert await counted(site, "playhead_events_appended_total", log="engagement") == before + 3


async def test_an_invented_method_does_not_become_a_label(site):
    await site.client.request("BREW", "/livez")
    assert "BREW" not in (await site.client.get("/metrics")).text


async def test_heads_and_lags_are_those_of_the_database(site, service):
    await report(service, interaction(), interaction())
    text = (await site.client.get("/metrics")).text
    head = await site.system.logs["engagement"].head()
    assert samples(text, "playhead_log_events")['{log="engagement"}'] == head
    lags = samples(text, "playhead_projection_lag_events")
    # Nobody recommends here, so the recommender is behind by all there is.
    assert lags['{log="engagement",projection="recommendations"}'] == head
    assert samples(text, "playhead_writer_queued_events")['{log="engagement"}'] == 0


@pytest.mark.parametrize("scope", [Scope.ADMIN, Scope.AUDITOR])
async def test_admins_and_auditors_see_how_far_read_models_are(site, service, scope):
    await report(service, interaction())
    listed = (await (await site.bearer(scope)).get("/api/projections")).json()["items"]
    by_name = {item["name"]: item for item in listed}
    assert set(by_name) == {*(projection.name for projection, _ in TABLES), "recommendations"}
    [followed] = by_name["recommendations"]["logs"][1:]
    assert followed["log"] == "engagement"
    assert followed["lag"] == followed["head"] - followed["position"] == followed["head"]
    assert all(item["state"] == "live" for item in listed)


async def test_others_do_not_see_them(service):
    refused = await service.get("/api/projections")
    assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing")
