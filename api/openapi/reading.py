"""The document as people read it: operation by operation, with what to type."""

import json
import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from api.openapi.document import Document, documented
from api.openapi.headers import COMMANDS

PLACES = {"path": "in the path", "query": "in the query", "header": "header"}


class Part(msgspec.Struct, frozen=True):
    """A parameter, or a field of a body: its type with its bounds, and what it means."""

    name: str
    place: str
    kind: str
    required: bool
    meaning: str


class Answer(msgspec.Struct, frozen=True):
    """One status: what it means, the codes that come with it, and an example of it."""

    status: str
    meaning: str
    codes: Sequence[str]
    example: str


class Operation(msgspec.Struct, frozen=True):
    """One operation; ``anchor`` is where it stands on the page, ``curl`` a command that asks it."""

    anchor: str
    method: str
    path: str
    summary: str
    description: Sequence[str]
    public: bool
    parts: Sequence[Part]
    curl: str
    answers: Sequence[Answer]


class Group(msgspec.Struct, frozen=True):
    """The operations of one tag."""

    name: str
    description: str
    operations: Sequence[Operation]


def groups(document: Document) -> Sequence[Group]:
    """The document, by tag."""
    found: dict[str, list[Operation]] = {}
    for path, method, operation in documented(document):
        found.setdefault(operation["tags"][0], []).append(_operation(document, path, method, operation))
    return [Group(tag["name"], tag["description"], found[tag["name"]]) for tag in document["tags"]]


def _operation(document: Document, path: str, method: str, told: Mapping[str, Any]) -> Operation:
    parameters = [_resolved(document, each) for each in told["parameters"]]
    return Operation(
        anchor=told["operationId"],
        method=method.upper(),
        path=path,
        summary=told["summary"],
        description=[" ".join(each.split()) for each in told["description"].split("\n\n")],
        public=not told.get("security"),
        parts=[*_parameters(parameters), *_fields(document, told)],
        curl=_curl(path, method, told, parameters),
        answers=list(_answers(told)),
    )


def _parameters(parameters: Sequence[Mapping[str, Any]]) -> Iterator[Part]:
    for each in parameters:
        meaning = each.get("description", "")
        yield Part(each["name"], PLACES[each["in"]], _kind(each["schema"]), bool(each.get("required")), meaning)


def _fields(document: Document, told: Mapping[str, Any]) -> Iterator[Part]:
    if "requestBody" not in told:
        return
    [content] = told["requestBody"]["content"].values()
    schema = _resolved(document, content["schema"])
    for name, field in schema["properties"].items():
        shape = _resolved(document, field)
        yield Part(name, "in the body", _kind(shape), name in schema.get("required", ()), shape.get("description", ""))


def _answers(told: Mapping[str, Any]) -> Iterator[Answer]:
    for status, response in sorted(told["responses"].items()):
        [content] = response.get("content", {"": {}}).values()
        shown = json.dumps(content["example"], indent=2, ensure_ascii=False) if "example" in content else ""
        yield Answer(status, response["description"], list(content.get("examples", ())), shown)


def _curl(path: str, method: str, told: Mapping[str, Any], parameters: Sequence[Mapping[str, Any]]) -> str:
    for each in parameters:
        if each["in"] == "path":
            path = path.replace(f"{{{each['name']}}}", str(each["example"]))
    query = "&".join(f"{each['name']}={each['example']}" for each in parameters if _asked(each))
    url = f"$PLAYHEAD{path}" + (f"?{query}" if query else "")
    lines = ["curl" if method == "get" else f"curl -X {method.upper()}"]
    if told.get("security"):
        lines.append('-H "Authorization: Bearer $KEY"')
    if "requestBody" in told:
        [content] = told["requestBody"]["content"].values()
        lines.append("-H 'Content-Type: application/json'")
        lines.append(f"-d {shlex.quote(json.dumps(content['example'], ensure_ascii=False))}")
    if method in COMMANDS and any(each["name"] == "Idempotency-Key" for each in parameters):
        lines.append('-H "Idempotency-Key: $(uuidgen)"')
    return " \\\n  ".join([*lines, f'"{url}"'])


def _asked(parameter: Mapping[str, Any]) -> bool:
    return parameter["in"] == "query" and bool(parameter.get("required"))


def _kind(schema: Mapping[str, Any]) -> str:
    options = [each for each in schema.get("anyOf", ()) if each.get("type") != "null"]
    if len(options) == 1:
        return f"{_kind(options[0])}, or null"
    if "enum" in schema:
        return "one of " + ", ".join(map(str, schema["enum"]))
    named = (
        schema.get("format") or schema.get("type") or schema.get("title") or schema.get("$ref", "").rpartition("/")[2]
    )
    bounds = [
        f"{word} {schema[key]}"
        for key, word in (
            ("minimum", "from"), ("maximum", "to"), ("minLength", "at least"), ("maxLength", "at most"),
            ("minItems", "at least"), ("maxItems", "at most"),
        )
        if key in schema
    ]  # fmt: skip
    return " ".join([named or "any", *bounds])


def _resolved(document: Document, part: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" not in part:
        return part
    _, kind, name = part["$ref"].removeprefix("#/").split("/")
    found: Mapping[str, Any] = document["components"][kind][name]
    return found
