"""Completes what the framework writes of the routes, so that the document is true of every header, shape and error."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

import msgspec
from litestar import Litestar

from api.conventions.idempotency import BY_IDS
from api.conventions.problem_codes import ProblemCode, problem_codes
from api.conventions.problem_document import PROBLEM_JSON
from api.openapi.examples import ExampleMissing, example_of
from api.openapi.headers import ANSWER_HEADERS, NAMES, REQUEST_HEADERS, answer_headers, request_headers
from api.openapi.shapes import Shape, shapes
from api.openapi.tags import TAGS

METHODS = ("get", "put", "post", "delete", "patch")
Document = dict[str, Any]

OF_BODIES = {"malformed_json", "malformed_gzip", "body_too_slow", "body_too_large", "client_left"}
OF_KEYS = {"idempotency_key_invalid", "idempotency_key_in_use", "idempotency_key_reused"}


def completed(written: Mapping[str, Any], app: Litestar) -> Document:
    """The whole document; ``written`` is the framework's."""
    document: Document = msgspec.json.decode(msgspec.json.encode(written))
    of_operation, schemas = shapes(app)
    inlined = document["components"]["schemas"]
    document["components"]["schemas"] = {
        name: _with_example(schema, schemas) if "properties" in schema else schema
        for name, schema in sorted(schemas.items())
    }
    document["components"]["parameters"] = dict(REQUEST_HEADERS)
    document["components"]["headers"] = dict(ANSWER_HEADERS)
    codes = problem_codes()
    document["components"]["examples"] = {
        each.code: {"summary": each.meaning, "value": msgspec.to_builtins(each.example)} for each in codes
    }
    used: set[str] = set()
    for path, method, operation in documented(document):
        used |= set(operation["tags"])
        shape = of_operation[operation["operationId"]]
        if shape.by_ids:
            operation[f"x-{BY_IDS}"] = True
        _complete_parameters(operation, inlined)
        operation["parameters"] += _refer("parameters", request_headers(method, operation))
        _complete_shape(operation, shape, schemas)
        has_place = any(each.startswith(f"{path}/{{") and "get" in item for each, item in document["paths"].items())
        for status, response in operation["responses"].items():
            names = answer_headers(method, operation, status, has_place=has_place)
            response["headers"] = {NAMES[name]: {"$ref": f"#/components/headers/{name}"} for name in names}
            if PROBLEM_JSON in response.get("content", {}):
                response["content"][PROBLEM_JSON]["examples"] = _errors(codes, operation, int(status))
    document["tags"] = [{"name": tag.name, "description": tag.description} for tag in TAGS if tag.name in used]
    return document


def documented(document: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every operation of a document, with its path and method."""
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method in METHODS:
                yield path, method, operation


def _refer(kind: str, names: Iterator[str]) -> list[Mapping[str, str]]:
    return [{"$ref": f"#/components/{kind}/{name}"} for name in names]


def _complete_parameters(operation: dict[str, Any], inlined: Mapping[str, Any]) -> None:
    """Parameters are never null, whatever the handler is given without them; their schemas stand where they are."""
    operation.setdefault("parameters", [])
    for parameter in operation["parameters"]:
        schema = parameter["schema"]
        if options := schema.pop("oneOf", None):
            [said] = [each for each in options if each.get("type") != "null"]
            schema |= said
        if "$ref" in schema:
            parameter["schema"] = schema = inlined[schema["$ref"].rpartition("/")[2]]
        schema.pop("description", None)
        _show(parameter, {}, parameter["name"])


def _complete_shape(operation: dict[str, Any], shape: Shape, schemas: Mapping[str, Any]) -> None:
    if shape.body is not None:
        [content] = operation["requestBody"]["content"].values()
        content["schema"] = shape.body
        _show(content, schemas)
        operation["requestBody"]["required"] = True
    for status, response in operation["responses"].items():
        for media_type, content in response.get("content", {}).items():
            if status[0] == "2" and shape.answer is not None:
                content["schema"] = shape.answer
                _show(content, schemas)
            elif media_type == "application/json":
                _show(content, schemas)


def _with_example(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Mapping[str, Any]:
    shown = {"schema": schema}
    _show(shown, schemas)
    return {**schema, "examples": [shown["example"]]} if "example" in shown else schema


def _show(content: dict[str, Any], schemas: Mapping[str, Any], name: str = "") -> None:
    """Add an example; a document without one is better than none, and a test tells of it."""
    with suppress(ExampleMissing):
        content["example"] = example_of(content["schema"], schemas, name)


def _errors(codes: Sequence[ProblemCode], operation: Mapping[str, Any], status: int) -> Mapping[str, Any]:
    """The problems of this status that the operation can answer with."""
    contexts = {"", *(context for tag in TAGS if tag.name in operation["tags"] for context in tag.contexts)}
    told = [each for each in codes if each.status == status and each.context in contexts and _can_be(each, operation)]
    return {each.code: {"$ref": f"#/components/examples/{each.code}"} for each in told}


def _can_be(code: ProblemCode, operation: Mapping[str, Any]) -> bool:
    heeded = {each.get("$ref", "").rpartition("/")[2] for each in operation["parameters"]}
    asked = {each.get("name") for each in operation["parameters"]}
    conditions = {
        **dict.fromkeys(OF_BODIES, "requestBody" in operation),
        **dict.fromkeys(OF_KEYS, "IdempotencyKey" in heeded),
        "if_match_invalid": "IfMatch" in heeded,
        "cursor_invalid": "cursor" in asked,
        "min_position_invalid": "min_position" in asked,
        "read_model_behind": "min_position" in asked,
        "recommender_unavailable": "recommendations" in operation["tags"],
        "creator_not_found": "creator_id" in asked,
        "no_stream_left": "live" in operation["tags"],
        "too_many_streams": "live" in operation["tags"],
        "passwords_busy": "accounts" in operation["tags"],
        "unauthenticated": bool(operation.get("security")),
        "route_not_found": any(each.get("in") == "path" for each in operation["parameters"]),
    }
    return conditions.get(code.code, True)
