"""Whatever goes wrong is told in one form."""

import asyncio
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest
from psycopg import sql
from structlog.testing import capture_logs

from domain.identity.api_key import Scope
from tests.api.test_engagement import interaction, report
from tests.support.site import open_site, settings_for

pytestmark = pytest.mark.anyio

JSON = {"Content-Type": "application/json"}


def assert_problem(answer: httpx.Response, status: int, code: str) -> None:
    body = answer.json()
    assert (answer.status_code, body["status"], body["code"]) == (status, status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert body["type"] == f"/reference/problems#{code}"
    assert body["instance"] == answer.request.url.path
    assert body["title"]
    assert body["detail"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b'{"title": "x"} y',
        b"\xff\xfe",
        b'{"title": "\xff"}',
        b'{"title": "\\ud800"}',
        b'{"title": "\\udc00 "}',
        b"[" * 100_000,
        b'{"generation":' + b"[" * 100_000,
    ],
    ids=["empty", "cut", "more", "not_utf8", "bad_utf8", "half_a_pair", "other_half", "deep", "deep_in_a_field"],
)
async def test_what_is_not_json_is_malformed(service, body):
    answer = await service.put(f"/api/videos/{uuid4()}", content=body, headers=JSON)
    assert_problem(answer, 400, "malformed_json")


@pytest.mark.parametrize("body", [b"[]", b"null", b"1", b'"x"'])
async def test_json_of_another_shape_is_invalid(service, body):
    answer = await service.put(f"/api/videos/{uuid4()}", content=body, headers=JSON)
    assert_problem(answer, 422, "invalid")


@pytest.mark.parametrize(
    "path", ["/nothing", "/api/videos/17", "/api/users/a%00b", "/schema/nothing.json", "/schema/nothing"]
)
async def test_an_unknown_path_is_not_found(service, path):
    assert_problem(await service.get(path), 404, "route_not_found")


async def test_another_method_is_told_which_there_are(service):
    answer = await service.patch(f"/api/videos/{uuid4()}", json={})
    assert_problem(answer, 405, "method_not_allowed")
    assert {"GET", "PUT"} <= {method.strip() for method in answer.headers["allow"].split(",")}


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", ""])
async def test_a_body_of_another_media_type_is_refused(service, media_type):
    answer = await service.post("/api/users", content=b"{}", headers={"Content-Type": media_type})
    assert_problem(answer, 415, "unsupported_media_type")


async def test_a_media_type_may_name_its_charset(service):
    answer = await service.post(
        "/api/users", content=b"{}", headers={"Content-Type": "Application/JSON; charset=utf-8"}
    )
    assert answer.status_code == 201


async def test_a_missing_parameter_is_named(service):
    answer = await service.get("/api/recommendations")
    assert_problem(answer, 422, "invalid")
    assert [each["field"] for each in answer.json()["errors"]] == ["user_id"]


async def test_a_read_model_that_is_behind_says_when_to_ask_again(postgres_url, nats_url, redis_url, database):
    settings = settings_for(database, nats_url, redis_url, read_your_writes_seconds=0.1)
    async with open_site(settings, projecting=False) as site:
        service = await site.bearer(Scope.SERVICE)
        drafted = await service.post("/api/videos", json={"creator_id": str(uuid4()), "title": "First"})
        known = {"min_position": drafted.json()["position"]}
        answer = await service.get(f"/api/videos/{drafted.json()['id']}", params=known)
    assert_problem(answer, 503, "read_model_behind")
    assert int(answer.headers["retry-after"]) >= 1


async def test_a_full_queue_says_when_to_ask_again_and_records_nothing(nats_url, redis_url, database):
    async with open_site(settings_for(database, nats_url, redis_url, writer_queue=1), projecting=False) as site:
        service = await site.bearer(Scope.SERVICE)
        async with await psycopg.AsyncConnection.connect(database) as blocker:
            await blocker.execute("SELECT position FROM log.engagement_head FOR UPDATE")
            # One is being recorded, one waits, and there is no room for a third.
            asked = [asyncio.create_task(report(service, interaction())) for _ in range(8)]
            done, _ = await asyncio.wait(asked, timeout=5, return_when=asyncio.FIRST_COMPLETED)
            await blocker.rollback()
        answers = await asyncio.gather(*asked)
        head = await site.system.logs["engagement"].head()
    for refused in done:
        assert_problem(refused.result(), 503, "log_busy")
        assert int(refused.result().headers["retry-after"]) >= 1
    assert done
    assert head == sum(answer.status_code == 202 for answer in answers)


async def test_without_the_database_everything_says_so(nats_url, redis_url, postgres_url, database):
    async with open_site(settings_for(database, nats_url, redis_url), projecting=False) as site:
        service = await site.bearer(Scope.SERVICE)
        assert (await service.get(f"/api/videos/{uuid4()}")).status_code == 404
        name, admits = database.rpartition("/")[2], sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}")
        async with await psycopg.AsyncConnection.connect(postgres_url, autocommit=True) as connection:
            await connection.execute(admits.format(sql.Identifier(name), sql.SQL("false")))
            await connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,)
            )
            try:
                gone, unready, alive = await asyncio.gather(
                    service.get(f"/api/videos/{uuid4()}"), site.client.get("/readyz"), site.client.get("/livez")
                )
                metrics = await site.client.get("/metrics")
            finally:
                await connection.execute(admits.format(sql.Identifier(name), sql.SQL("true")))
        assert_problem(gone, 503, "store_unavailable")
        assert "retry-after" in gone.headers
        assert unready.status_code == 503
        assert unready.json()["checks"]["postgres"]["status"] == "down"
        assert alive.status_code == 200
        assert "playhead_store_up 0.0" in metrics.text


async def test_a_fault_of_ours_tells_nothing_of_our_insides(site, service):
    async with site.system.pool.connection() as connection:
        await connection.execute("ALTER VIEW read.creators RENAME TO hidden")
    try:
        with capture_logs() as logs:
            answer = await service.get(f"/api/creators/{uuid4()}")
    finally:
        async with site.system.pool.connection() as connection:
            await connection.execute("ALTER VIEW read.hidden RENAME TO creators")
    assert_problem(answer, 500, "internal_error")
    assert "creators" not in answer.json()["detail"]
    assert [entry["log_level"] for entry in logs if entry["event"] == "request_failed"] == ["error"]


async def test_every_answer_carries_a_request_id_and_careful_headers(site, service):
    mine = str(uuid4())
    for answer in (
        await service.get("/livez", headers={"X-Request-Id": mine}),
        await service.get("/nothing", headers={"X-Request-Id": mine}),
        await site.client.get(f"/api/users/{uuid4()}", headers={"X-Request-Id": mine}),
    ):
        assert answer.headers["x-request-id"] == mine
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
    answer = await service.get("/livez", headers={"X-Request-Id": "not a uuid\x01"})
    assert UUID(answer.headers["x-request-id"]).version == 7


async def test_the_request_id_is_the_correlation_id_of_what_is_recorded(site, service):
    mine = uuid4()
    receipt = (await service.post("/api/users", json={}, headers={"X-Request-Id": str(mine)})).json()
    [fact] = await site.system.logs["identity"].stream(UUID(receipt["id"]))
    assert fact.correlation_id == mine
    assert fact.actor_id.startswith("api_key:")


async def test_a_request_is_one_line_in_the_log_without_its_key(site):
    ann = uuid4()
    client = await site.bearer(Scope.USER, ann)
    with capture_logs() as logs:
        await client.get(f"/api/users/{ann}?min_position=secret")
    [line] = [entry for entry in logs if entry["event"] == "request_answered"]
    assert (line["method"], line["route"], line["status"]) == ("GET", "/api/users/{user_id}", 404)
    assert line["actor"] == f"user:{ann}"
    assert "secret" not in str(logs)
    assert client.headers["authorization"].rpartition("_")[2] not in str(logs)
