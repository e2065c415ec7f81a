"""Request bodies: JSON of exactly the declared shape, or a problem that names every field at fault."""

import re
from collections.abc import Generator, Iterator
from functools import lru_cache
from typing import Any, TypeVar, cast

import msgspec
from litestar.connection import ASGIConnection
from litestar.dto import AbstractDTO
from litestar.dto.data_structures import DTOFieldDefinition
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.openapi.spec import Reference, Schema
from litestar.typing import FieldDefinition

from api.problems import BodyInvalid, BodyMalformed, BodyNotJson, FieldProblem
from domain.kernel.text import holds_nul

T = TypeVar("T")

AT = re.compile(r" - at (?:`key` in )?`\$\.?(.*)`$")
"""How msgspec says where in the document it stopped."""

NAMED = re.compile(r"(?:missing required|contains unknown) field `(.+?)`")


async def require_json(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """Refuse a body of another media type: a browser sends those to other origins without asking first."""
    # A coroutine although it awaits nothing: the framework would run a plain function in a thread.
    headers = connection.headers
    if headers.get("content-length", "0") == "0" and "transfer-encoding" not in headers:
        return
    media_type = headers.get("content-type", "").partition(";")[0]
    if media_type.strip().lower() != "application/json":
        raise BodyNotJson


def decode_body(body: bytes, target: type[T]) -> T:
    """The body as ``target``; raises `BodyMalformed` and `BodyInvalid`."""
    try:
        return _valid(body, target)
    except msgspec.DecodeError as wrong:
        raise BodyMalformed(str(wrong)) from wrong
    except UnicodeDecodeError as wrong:
        raise BodyMalformed("the body is not UTF-8") from wrong
    except RecursionError as wrong:  # msgspec's own guard against nesting
        raise BodyMalformed("the body is nested too deeply") from wrong


def refuse_nul(body: bytes) -> None:
    """Raises `msgspec.ValidationError` for strings that could not be stored."""
    if holds_nul(body):
        raise msgspec.ValidationError("strings must not contain U+0000")


def fault(wrong: msgspec.ValidationError, field: str = "") -> FieldProblem:
    """What msgspec found, with the path of the field it found it in, below ``field``."""
    message = str(wrong)
    at = AT.search(message)
    path = field + ("." if field and at and not at[1].startswith("[") else "") + (at[1] if at else "")
    if named := NAMED.search(message):
        path = f"{path}.{named[1]}" if path else named[1]
    return FieldProblem(path, message[: at.start()] if at else message)


def _valid(body: bytes, target: type[T]) -> T:
    try:
        if not hasattr(target, "documented_as"):
            refuse_nul(body)
        return _decoder(target).decode(body)
    except msgspec.ValidationError as wrong:
        raise BodyInvalid(list(_faults(body, target)) or [fault(wrong)]) from wrong


@lru_cache(maxsize=256)
def _decoder(target: type[T]) -> msgspec.json.Decoder[T]:
    return msgspec.json.Decoder(target)


def _faults(body: bytes, target: type[Any]) -> Iterator[FieldProblem]:
    """All top-level fields that are wrong: msgspec itself stops at the first.

    What turns out not to be JSON further on raises what `decode_body` takes for malformed.
    """
    msgspec.json.decode(body)
    try:
        sent = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
    except msgspec.ValidationError:
        return
    fields = {field.encode_name: field for field in msgspec.structs.fields(target)}
    for name, field in fields.items():
        if name in sent:
            try:
                refuse_nul(bytes(sent[name]))
                msgspec.json.decode(sent[name], type=field.type)
            except msgspec.ValidationError as wrong:
                yield fault(wrong, name)
        elif field.required:
            yield FieldProblem(name, "it is required")
    for name in sent.keys() - fields.keys():
        yield FieldProblem(name, "there is no such field")


class JsonBody(AbstractDTO[Any]):
    """How the ``data`` parameter of every route under ``/api`` is read.

    A body type that leaves its items unread says in ``documented_as`` which
    type describes it in the OpenAPI document; it checks the items itself.
    """

    def decode_bytes(self, value: bytes) -> Any:
        """The body as the handler declares it."""
        connection = cast("ASGIConnection[HTTPRouteHandler, Any, Any, Any]", self.asgi_connection)
        declared = connection.route_handler.parsed_data_field
        assert declared is not None, "a body is read only where one is declared"
        return decode_body(value, declared.annotation)

    @classmethod
    def create_for_field_definition(cls, field_definition: FieldDefinition, *_: Any, **__: Any) -> None:
        """Nothing to prepare: the type decodes itself."""

    @classmethod
    def create_openapi_schema(
        cls,
        field_definition: FieldDefinition,
        handler_id: str,  # noqa: ARG003 # the framework's signature
        schema_creator: Any,
    ) -> Reference | Schema:
        """The schema of the declared type."""
        declared = field_definition.annotation
        documented = getattr(declared, "documented_as", declared)
        return schema_creator.for_field_definition(FieldDefinition.from_annotation(documented))

    @classmethod
    def generate_field_definitions(cls, model_type: type[Any]) -> Generator[DTOFieldDefinition, None, None]:  # noqa: ARG003 # the framework's signature
        """None: the type decodes itself."""
        yield from ()

    @classmethod
    def detect_nested_field(cls, field_definition: FieldDefinition) -> bool:  # noqa: ARG003 # the framework's signature
        """None is: the type decodes itself."""
        return False
