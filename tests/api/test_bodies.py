"""Bodies that mean no good, or were written in a hurry."""

import gzip
import json
import zlib
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.api.test_engagement import interaction

pytestmark = pytest.mark.anyio

JSON = {"Content-Type": "application/json"}
GZIP = {**JSON, "Content-Encoding": "gzip"}


def assert_problem(answer: httpx.Response, status: int, code: str) -> None:
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"


async def put_video(client: httpx.AsyncClient, body: bytes, **headers: str) -> httpx.Response:
    return await client.put(f"/api/videos/{uuid4()}", content=body, headers={**JSON, **headers})


def fields(answer: httpx.Response) -> list[str]:
    return [each["field"] for each in answer.json()["errors"]]


@pytest.mark.parametrize(
    "body",
    [
        b'{"title": "x", "title": "y"}',
        b'{"title" : "x", "title"\n: "y"}',
        b'{"title": "x", "\\u0074itle": "y"}',
        b'{"title": "x", "generation": {"a": 1, "b": 2, "a": 3}}',
        b'{"title": "x", "generation": {"a": ' + b"9" * 5000 + b', "a": "\\": "}}',
        b'{"title": NaN}',
        b'{"title": "x", "duration_ms": Infinity}',
        b"{'title': 'x'}",
        b'{"title": "x",}',
        b'\xef\xbb\xbf{"title": "x"}',
        '{"title": "x"}'.encode("utf-16"),
    ],
    ids=[
        "twice",
        "twice_spaced",
        "twice_escaped",
        "twice_inside",
        "twice_long",
        "nan",
        "inf",
        "python",
        "comma",
        "bom",
        "utf_16",
    ],
)
async def test_what_readers_of_json_differ_on_is_malformed(service, body):
    assert_problem(await put_video(service, body), 400, "malformed_json")


@pytest.mark.parametrize("number", ["1e999", "-1e999", "9" * 400, "1" + "0" * 30])
async def test_a_number_beyond_all_bounds_is_invalid(service, number):
    answer = await put_video(service, b'{"title": "x", "duration_ms": %b}' % number.encode())
    assert answer.status_code in {400, 422}


async def test_a_key_may_stand_in_a_text_as_often_as_it_likes(service):
    body = json.dumps({"creator_id": str(uuid4()), "title": '"title": "title": '}).encode()
    assert (await service.post("/api/videos", content=body, headers=JSON)).status_code == 201


async def test_everything_that_is_wrong_is_told_at_once(service):
    answer = await put_video(
        service,
        b'{"title": "", "themes": ["ok", 7, ""], "duration_ms": -1, "colour": 1,'
        b' "generation": {"a": 1, "b": []}, "language": "a\\u0000b"}',
    )
    assert_problem(answer, 422, "invalid")
    assert set(fields(answer)) == {
        "title", "language", "duration_ms", "themes[1]", "themes[2]", "generation.b", "colour"
    }  # fmt: skip


async def test_all_parameters_that_are_wrong_are_told_at_once(service):
    answer = await service.get("/api/recommendations", params={"user_id": "17", "count": "0", "genre": "x" * 65})
    assert_problem(answer, 422, "invalid")
    assert set(fields(answer)) == {"user_id", "count", "genre"}


async def test_what_is_wrong_without_end_is_told_up_to_a_number(service):
    body = json.dumps({"title": "x", **{f"f{each}": 1 for each in range(1000)}}).encode()
    assert len(fields(await put_video(service, body))) == 50


@pytest.mark.parametrize(
    "types",
    [
        ["application/json", "application/json"],
        ["application/json", "text/plain"],
        ["application/json, text/plain"],
        ["application/json; charset=latin-1"],
        ["application/json; charset=utf-16"],
        ["application/json;charset"],
        ["text/plain; x=application/json"],
        [],
    ],
)
async def test_a_body_has_one_media_type_and_one_character_set(service, types):
    headers = [("Content-Type", each) for each in types]
    answer = await service.post("/api/users", content=b"{}", headers=headers)
    assert_problem(answer, 415, "unsupported_media_type")


async def test_a_body_in_gzip_is_unpacked(service):
    body = gzip.compress(json.dumps({"interactions": [interaction() for _ in range(100)]}).encode())
    answer = await service.post("/api/interactions", content=body, headers=GZIP)
    assert (answer.status_code, answer.json()["accepted"]) == (202, 100)


async def test_a_body_that_unpacks_into_a_large_one_is_refused(service):
    bomb = gzip.compress(b" " * (64 << 20))
    assert len(bomb) < 100_000
    answer = await service.post("/api/interactions", content=bomb, headers=GZIP)
    assert_problem(answer, 413, "body_too_large")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        gzip.compress(b"{}")[:-3],
        gzip.compress(b"{}") + b"x",
        zlib.compress(b"{}"),
        gzip.compress(b"{}") * 2,
    ],
    ids=["empty", "plain", "cut_short", "more", "zlib", "two"],
)
async def test_what_is_not_gzip_is_malformed(service, body):
    headers = {**GZIP, "Transfer-Encoding": "chunked"} if not body else GZIP
    answer = await service.put(f"/api/videos/{uuid4()}", content=body, headers=headers)
    assert_problem(answer, 400, "malformed_gzip")


@pytest.mark.parametrize("encoding", ["br", "zstd", "deflate", "gzip, gzip", "gzip, br", "x"])
async def test_another_encoding_is_told_which_there_are(service, encoding):
    answer = await put_video(service, b"{}", **{"Content-Encoding": encoding})
    assert_problem(answer, 415, "unsupported_content_encoding")
    assert "gzip" in answer.headers["accept-encoding"]


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", "x-gzip", "identity, gzip"])
async def test_gzip_has_more_than_one_name(service, encoding):
    body = gzip.compress(b'{"title": ""}')
    answer = await put_video(service, body, **{"Content-Encoding": encoding})
    assert_problem(answer, 422, "invalid")


@pytest.mark.parametrize("query", ["%ED%A0%80", "%00", "%FF", "a" * 5000, "=&=&", "%", "[]", "%F0%9F%98%80"])
async def test_no_query_is_a_fault_of_ours(service, query):
    for template in ("/api/recommendations?user_id={}", "/api/creators/{}/videos?cursor={}&limit={}"):
        path = template.replace("{}", str(uuid4()), 1) if "creators" in template else template
        answer = await service.get(path.replace("{}", query))
        assert answer.status_code == 422, answer.text


@pytest.mark.parametrize("segment", ["%ED%A0%80", "%00", "%2e%2e%2f", "%FF%FE", "17", "a" * 5000, "%"])
async def test_no_path_is_a_fault_of_ours(service, segment):
    assert_problem(await service.get(f"/api/videos/{segment}"), 404, "route_not_found")


@pytest.mark.parametrize("value", [b"\xff\xfe", b"\xed\xa0\x80", b"a" * 8000, b"\x7f"])
@pytest.mark.parametrize("name", ["X-Request-Id", "traceparent", "Idempotency-Key", "If-Match", "Accept", "Cookie"])
async def test_no_header_is_a_fault_of_ours(service, name, value):
    headers: list[tuple[Any, Any]] = [(name.encode(), value), (b"content-type", b"application/json")]
    answer = await service.post("/api/users", content=b"{}", headers=headers)
    assert answer.status_code < 500


async def test_answers_are_packed_for_those_who_take_it(service):
    creator = uuid4()
    told = {"creator_id": str(creator), "title": "t" * 100, "description": "d" * 1000}
    drafted = (await service.post("/api/videos", json=told)).json()
    path = f"/api/creators/{creator}/videos?min_position={drafted['position']}"
    packed = await service.get(path, headers={"Accept-Encoding": "br, gzip;q=0.5"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["vary"]
    assert int(packed.headers["content-length"]) < len(packed.content)
    for plain in ("identity", "gzip;q=0", "br"):
        answer = await service.get(path, headers={"Accept-Encoding": plain})
        assert "content-encoding" not in answer.headers
        assert answer.json() == packed.json()


async def test_small_answers_and_those_to_commands_are_not_packed(service):
    asked = {"Accept-Encoding": "gzip"}
    answer = await service.post("/api/users", json={"name": "n" * 128}, headers=asked)
    assert "content-encoding" not in answer.headers
    answer = await service.post("/api/users", json={f"f{each}": 1 for each in range(40)}, headers=asked)
    assert len(answer.content) > 1024
    assert "content-encoding" not in answer.headers


async def test_head_is_answered_as_get_without_the_body(service):
    for path in ("/livez", f"/api/creators/{uuid4()}", "/schema/openapi.json"):
        head, got = await service.head(path), await service.get(path)
        assert (head.status_code, head.content) == (got.status_code, b"")
        assert head.headers["content-type"] == got.headers["content-type"]
    answer = await service.head("/api/interactions")
    assert answer.status_code == 405
