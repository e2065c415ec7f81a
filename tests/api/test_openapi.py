"""The OpenAPI document: complete, and right in what it shows."""

import json
from typing import Any

import jsonschema_rs
import pytest

from api.conventions.problem_codes import problem_codes
from api.openapi.document import documented
from api.openapi.examples import BY_FIELD, ExampleMissing, example_of
from api.openapi.headers import ANSWER_HEADERS, NAMES

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def document(site) -> dict[str, Any]:
    answer = await site.client.get("/schema/openapi.json")
    assert answer.headers["content-type"] == "application/json"
    return answer.json()


@pytest.fixture(scope="module")
def fits(document):
    def fits(schema: dict[str, Any], value: Any) -> None:
        whole = {**schema, "components": document["components"]}
        jsonschema_rs.Draft202012Validator(whole, validate_formats=True).validate(value)

    return fits


def contents(operation: dict[str, Any]):
    if "requestBody" in operation:
        yield from operation["requestBody"]["content"].items()
    for response in operation["responses"].values():
        yield from response.get("content", {}).items()


async def test_it_is_a_valid_document(document):
    assert document["openapi"].startswith("3.1")
    assert document["servers"]
    assert document["info"]["license"]["name"] == "Apache-2.0"
    assert set(document["components"]["securitySchemes"]) == {"apiKey", "accessToken", "session", "csrf"}


async def test_every_body_and_answer_has_an_example_that_fits(document, fits):
    for path, method, operation in documented(document):
        for media_type, content in contents(operation):
            if "json" not in media_type and media_type != "text/event-stream":
                continue
            examples: list[Any] = [content["example"]] if "example" in content else []
            shown = [each["$ref"].rpartition("/")[2] for each in content.get("examples", {}).values()]
            examples += [document["components"]["examples"][name]["value"] for name in shown]
            assert examples, (path, method, media_type)
            for example in examples:
                fits(content["schema"], example)


async def test_every_parameter_and_header_has_an_example_that_fits(document, fits):
    parameters = [each for _, _, operation in documented(document) for each in operation["parameters"]]
    named = [each for each in parameters if "$ref" not in each]
    shared, headers = document["components"]["parameters"].values(), document["components"]["headers"].values()
    assert named
    for parameter in (*named, *shared, *headers):
        assert parameter.get("description") or parameter.get("in") == "path", parameter
        fits(parameter["schema"], parameter["example"])


async def test_every_schema_has_an_example_that_fits(document, fits):
    for name, schema in document["components"]["schemas"].items():
        if "properties" in schema:
            assert schema["examples"], name
        for example in schema.get("examples", []):
            fits(schema, example)


async def test_bodies_that_refuse_unknown_fields_say_so(document):
    for _, _, operation in documented(document):
        if "requestBody" in operation:
            [content] = operation["requestBody"]["content"].values()
            name = content["schema"]["$ref"].rpartition("/")[2]
            assert document["components"]["schemas"][name]["additionalProperties"] is False, name


async def test_every_operation_belongs_to_a_group_that_is_explained(document):
    explained = {tag["name"]: tag["description"] for tag in document["tags"]}
    used = {tag for _, _, operation in documented(document) for tag in operation["tags"]}
    assert used == set(explained)
    assert all(explained.values())


async def test_every_error_shows_a_problem_for_each_of_its_codes(document):
    codes = {each.code: each for each in problem_codes()}
    for path, method, operation in documented(document):
        for status, response in operation["responses"].items():
            content = response.get("content", {}).get("application/problem+json")
            if content is not None:
                assert content["examples"], (path, method, status)
                assert {codes[code].status for code in content["examples"]} == {int(status)}, (path, method)


async def test_every_header_that_is_documented_is_known_by_name(document):
    assert set(NAMES) == set(ANSWER_HEADERS)
    text = json.dumps(document)
    assert all(f'"#/components/headers/{name}"' in text for name in ANSWER_HEADERS)
    assert all(f'"#/components/parameters/{name}"' in text for name in document["components"]["parameters"])


def test_a_field_without_an_example_is_found():
    with pytest.raises(ExampleMissing, match="never_heard_of"):
        example_of({"type": "object", "properties": {"never_heard_of": {"type": "string"}}}, {})


async def test_no_example_is_left_of_a_field_that_is_gone(document):
    names: set[str] = set()
    for schema in document["components"]["schemas"].values():
        names |= set(schema.get("properties", ()))
    for _, _, operation in documented(document):
        names |= {parameter.get("name", "") for parameter in operation["parameters"]}
    assert set(BY_FIELD) - names == set()


def test_every_code_is_explained_once():
    codes = problem_codes()
    assert len({each.code for each in codes}) == len(codes) >= 50
    for each in codes:
        assert each.meaning[0].isupper() or each.meaning[0] == "`"
        assert each.meaning.endswith((".", "?"))
