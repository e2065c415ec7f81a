"""What the OpenAPI document says of every route is so."""

from typing import Any
from uuid import uuid4

import pytest

from api.app import create_app
from api.routers import SECURITY

pytestmark = pytest.mark.anyio

METHODS = {"get", "put", "post", "delete", "patch"}
BROWSERS = "text/plain;charset=UTF-8"
UNKNOWN_KEY = {"Authorization": f"Bearer ph_{uuid4().hex}_{'a' * 52}"}


@pytest.fixture(scope="module")
async def document(site) -> dict[str, Any]:
    return (await site.client.get("/schema/openapi.json")).json()


@pytest.fixture(scope="module")
def operations(document) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, method, operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    ]


@pytest.fixture(scope="module")
def routes(operations):
    return [each for each in operations if each[0].startswith("/api/")]


@pytest.fixture(scope="module")
def guarded(routes):
    return [each for each in routes if "security" in each[2]]


VISITORS = {
    "/api/accounts",
    "/api/accounts/verification",
    "/api/accounts/verification-requests",
    "/api/password-resets",
    "/api/passwords",
    "/api/sessions",
    "/api/sessions/refresh",
}


async def test_only_the_ways_in_ask_for_no_key(routes):
    assert {path for path, _, operation in routes if "security" not in operation} == VISITORS


def filled(path: str) -> str:
    """The path with an id for every parameter."""
    return "/".join(str(uuid4()) if part.startswith("{") else part for part in path.split("/"))


def refusals(operation: dict[str, Any]) -> dict[str, Any]:
    return {status: response for status, response in operation["responses"].items() if status[0] in "45"}


async def test_every_route_says_what_it_is(operations):
    assert len(operations) >= 19
    for path, method, operation in operations:
        for part in ("operationId", "summary", "description", "tags"):
            assert operation.get(part), (path, method, part)
    ids = [operation["operationId"] for _, _, operation in operations]
    assert len(ids) == len(set(ids))


async def test_every_refusal_is_documented_as_a_problem(guarded):
    for path, method, operation in guarded:
        documented = refusals(operation)
        assert {"400", "401", "415", "422", "500", "503"} <= set(documented), (path, method)
        if "{" in path and method != "post" and "creators" not in path:
            assert "404" in documented, (path, method)
        for response in documented.values():
            assert list(response["content"]) == ["application/problem+json"]
            assert response["content"]["application/problem+json"]["schema"]["$ref"].endswith("/Problem")


async def test_every_success_is_documented_with_its_shape(routes):
    for path, method, operation in routes:
        [success] = [response for status, response in operation["responses"].items() if status[0] == "2"]
        [(media_type, content)] = success["content"].items()
        assert media_type in {"application/json", "text/event-stream"}
        assert content["schema"], (path, method)


async def test_every_reference_leads_somewhere(document):
    def references(node: Any) -> list[str]:
        if isinstance(node, dict):
            own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
            return own + [found for value in node.values() for found in references(value)]
        return [found for value in node for found in references(value)] if isinstance(node, list) else []

    assert document["openapi"].startswith("3.1")
    for reference in references(document):
        _, kind, name = reference.removeprefix("#/").split("/")
        assert name in document["components"][kind], reference


async def test_every_route_under_api_asks_for_a_key(site, guarded):
    for path, method, operation in guarded:
        assert operation["security"] == SECURITY
        for headers in ({}, UNKNOWN_KEY):
            answer = await site.client.request(method, filled(path), headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated"), (path, method)


async def test_a_key_is_asked_for_before_the_body_is_looked_at(site, guarded):
    for path, method, _ in guarded:
        answer = await site.client.request(method, filled(path), content=b"{", headers={"Content-Type": BROWSERS})
        assert answer.status_code == 401, (path, method)


async def test_no_route_takes_a_body_that_browsers_send_unasked(admin, routes):
    for path, method, _ in routes:
        answer = await admin.request(method, filled(path), content=b"{}", headers={"Content-Type": BROWSERS})
        assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type"), (path, method)


async def test_every_body_that_is_too_large_is_refused(admin, routes):
    for path, method, operation in routes:
        if "requestBody" not in operation:
            continue
        assert "413" in operation["responses"], (path, method)
        answer = await admin.request(method, filled(path), content=b" " * (1 << 20) + b"{}", headers=JSON)
        assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large"), (path, method)


async def test_every_body_refuses_fields_that_nobody_knows(admin, routes):
    for path, method, operation in routes:
        if "requestBody" not in operation:
            continue
        answer = await admin.request(method, filled(path), json={"nobody_knows": 1})
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid"), (path, method)
        assert "nobody_knows" in {each["field"] for each in answer.json()["errors"]}, (path, method)


async def test_an_id_that_is_none_is_not_found(admin, routes):
    for path, method, _ in routes:
        if "_id}" in path:
            wrong = "/".join("17" if part.endswith("_id}") else part for part in path.split("/"))
            answer = await admin.request(method, wrong)
            assert (answer.status_code, answer.json()["code"]) == (404, "route_not_found"), (path, method)


async def test_two_applications_can_stand_side_by_side(site):
    assert create_app(site.system) is not site.app


JSON = {"Content-Type": "application/json"}


async def test_every_question_can_be_asked_without_its_answer(admin, routes):
    for path, method, operation in routes:
        if method == "get" and "text/event-stream" not in operation["responses"]["200"]["content"]:
            asked = filled(path) + query_of(operation)
            got, head = await admin.get(asked), await admin.head(asked)
            assert (head.status_code, head.content) == (got.status_code, b""), path


def query_of(operation: dict[str, Any]) -> str:
    """Examples for the parameters that must be there."""
    needed = [each for each in operation["parameters"] if each.get("in") == "query" and each.get("required")]
    return "?" + "&".join(f"{each['name']}={each['example']}" for each in needed) if needed else ""


async def test_every_path_tells_its_methods(admin, document):
    for path, item in document["paths"].items():
        answer = await admin.options(filled(path))
        assert answer.status_code == 204, path
        methods = {each.upper() for each in item if each in METHODS}
        methods |= {"OPTIONS"} | ({"HEAD"} if "GET" in methods else set())
        assert set(answer.headers["allow"].split(", ")) == methods, path
    assert (await admin.options("/nothing")).status_code == 404


async def test_every_command_that_makes_something_can_be_sent_again(guarded):
    for path, method, operation in guarded:
        if method == "post":
            heeded = {each.get("$ref", "").rpartition("/")[2] for each in operation["parameters"]}
            assert "IdempotencyKey" in heeded or operation["operationId"] == "ReportInteractions", path


async def test_every_answer_with_a_tag_is_documented_and_spares_who_has_it(site, admin, service):
    user_id = str(uuid4())
    await service.post("/api/users", json={"id": user_id})
    drafted = (await service.post("/api/videos", json={"creator_id": user_id, "title": "t"})).json()
    for path in (f"/api/users/{user_id}", f"/api/videos/{drafted['id']}?min_position={drafted['position']}"):
        tag = (await admin.get(path)).headers["etag"]
        spared = await admin.get(path, headers={"If-None-Match": tag})
        assert (spared.status_code, spared.content) == (304, b"")


async def test_headers_are_documented_where_they_are_answered(service, document):
    answer = await service.post("/api/users", json={})
    told = document["paths"]["/api/users"]["post"]["responses"]["201"]["headers"]
    of_conventions = {"x-request-id", "location", "etag", "ratelimit", "ratelimit-policy"}
    assert of_conventions <= {name.lower() for name in told}
    limited = {name.lower() for name in told if "Replayed" not in name}
    assert limited - set(answer.headers) <= {"ratelimit", "ratelimit-policy"}
