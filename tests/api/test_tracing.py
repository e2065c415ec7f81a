"""One trace from a request to what it caused, in whatever process."""

import json
import re
import time
from uuid import uuid4

import pytest
from structlog.testing import capture_logs

from adapters.embedded.ports import free_port
from tests.api.test_catalog import CATS, draft
from tests.api.test_engagement import interaction
from tests.api.test_process import served
from tests.support.collector import collecting
from tests.support.databases import empty_database
from tests.support.site import open_site, settings_for
from tests.support.waiting import until
from tests.workers.test_processes import worker

pytestmark = pytest.mark.anyio

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
SAMPLED = {"traceparent": f"00-{TRACE}-{SPAN}-01"}
SERVER, CLIENT, CONSUMER = 2, 3, 5
"""As opentelemetry.proto.trace.v1.Span.SpanKind numbers them."""


async def traceparent_of(site, log: str, stream: str) -> str | None:
    [fact] = [fact for fact in await site.system.logs[log].read(after=0, limit=1000) if str(fact.stream_id) == stream]
    return fact.traceparent


async def test_facts_carry_the_trace_of_the_request_that_led_to_them(site, service):
    answer = await service.post("/api/videos", json={"creator_id": str(uuid4()), **CATS}, headers=SAMPLED)
    assert await traceparent_of(site, "catalog", answer.json()["id"]) == SAMPLED["traceparent"]
    reported = interaction()
    await service.post("/api/interactions", json={"interactions": [reported]}, headers=SAMPLED)
    assert await traceparent_of(site, "engagement", reported["id"]) == SAMPLED["traceparent"]


@pytest.mark.parametrize("shown", [{}, {"traceparent": f"00-{TRACE}-{SPAN}-01-x"}])
async def test_without_a_trace_one_begins(site, service, shown):
    answer = await service.post("/api/videos", json={"creator_id": str(uuid4()), **CATS}, headers=shown)
    recorded = await traceparent_of(site, "catalog", answer.json()["id"])
    assert recorded
    assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-00", recorded)
    assert TRACE not in recorded


async def test_the_line_of_a_request_names_its_trace(service):
    with capture_logs() as lines:
        await service.get("/livez", headers=SAMPLED)
    assert [line["trace_id"] for line in lines if line["event"] == "request_answered"] == [TRACE]


async def test_one_trace_leads_through_three_processes(postgres_url, nats_url, redis_url, milvus_uri, tmp_path):
    with empty_database(postgres_url) as database:
        async with collecting() as collector:
            endpoint = {"PLAYHEAD_OTLP_ENDPOINT": collector.url}
            settings = settings_for(database, nats_url, redis_url, milvus_uri=milvus_uri)
            async with served(database, nats_url, redis_url, tmp_path, **endpoint) as server:
                with worker(settings, tmp_path, "recommendations", PLAYHEAD_LOG_LEVEL="debug", **endpoint):
                    await ask_and_tell(server)
                    await until(lambda: len(collector.of(TRACE)) >= 5, seconds=30)
    spans = collector.of(TRACE)
    asked, answered = "ask playhead.recommendations.1.feed", "answer playhead.recommendations.1.feed"
    assert {span.name: (span.service, span.kind) for span in spans.values()} == {
        "GET /api/recommendations": ("playhead-api", SERVER),
        asked: ("playhead-api", CLIENT),
        answered: ("playhead-recommendations", SERVER),
        "POST /api/interactions": ("playhead-api", SERVER),
        "append engagement": ("playhead-api", CLIENT),
    }
    assert {span.parent_id for name, span in spans.items() if "/api/" in name} == {SPAN}
    assert spans[asked].parent_id == spans["GET /api/recommendations"].span_id
    assert spans[answered].parent_id == spans[asked].span_id
    assert spans["append engagement"].parent_id == spans["POST /api/interactions"].span_id
    told = spans["GET /api/recommendations"].values
    assert told == {
        "http.request.method": "GET",
        "http.route": "/api/recommendations",
        "http.response.status_code": 200,
        "url.scheme": "http",
    }
    assert "project recommendations:engagement" in {
        span.name for span in collector.spans if span.service == "playhead-recommendations" and span.kind == CONSUMER
    }


async def ask_and_tell(server) -> None:
    user = str(uuid4())

    async def is_answered() -> bool:
        # Until the recommender is there, questions fail: in other traces than the one that is looked at.
        return (await client.get("/api/recommendations", params={"user_id": user})).is_success

    async with server.client() as client:
        await until(is_answered, seconds=60)
        asked = {"user_id": str(uuid4())}
        assert (await client.get("/api/recommendations", params=asked, headers=SAMPLED)).is_success
        body = {"interactions": [interaction()]}
        assert (await client.post("/api/interactions", json=body, headers=SAMPLED)).status_code == 202


async def test_what_went_wrong_is_a_failure_and_its_message_is_not_told(database, nats_url, redis_url):
    async with collecting() as collector:
        settings = settings_for(database, nats_url, redis_url, otlp_endpoint=collector.url)
        async with open_site(settings, projecting=False) as site:
            tracing = site.system.tracing
            assert tracing
            with pytest.raises(ValueError, match="secret"), tracing.span("broken"):
                raise ValueError("a secret")
    [span] = [span for span in collector.spans if span.name == "broken"]
    assert (span.failed, span.values) == (True, {"error.type": "ValueError"})


async def test_a_collector_that_is_away_holds_nobody_up(postgres_url, nats_url, redis_url, tmp_path):
    endpoint = {"PLAYHEAD_OTLP_ENDPOINT": f"http://127.0.0.1:{free_port()}"}
    with empty_database(postgres_url) as database:
        async with served(database, nats_url, redis_url, tmp_path, **endpoint) as server:
            async with server.client() as client:
                await draft(client)
            began = time.monotonic()
            server.process.terminate()
            assert await server.process.wait() == 0
            assert time.monotonic() - began < 8
            lines = [line for line in server.text.splitlines() if line]
            assert all(json.loads(line)["event"] for line in lines)
