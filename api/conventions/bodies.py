"""Request bodies: JSON of exactly the declared shape, or a problem that names every field at fault."""

import re
from collections.abc import Generator
from functools import lru_cache
from typing import Any, TypeVar, cast

import msgspec
from litestar.connection import ASGIConnection
from litestar.dto import AbstractDTO
from litestar.dto.data_structures import DTOFieldDefinition
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.openapi.spec import Reference, Schema
from litestar.typing import FieldDefinition

from api.conventions.arriving import announces_body, content_encodings
from api.conventions.faults import fault, faults, refuse_nul
from api.conventions.problems import BodyInvalid, BodyMalformed, BodyNotJson, EncodingUnknown
from api.conventions.repeated_keys import RepeatedKey, refuse_repeated_keys

T = TypeVar("T")

JSON_IN_UTF8 = re.compile(rb'application/json(?:\s*;\s*charset="?utf-?8"?)?', re.IGNORECASE)


async def require_json(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """Refuse a body of another media type: a browser sends those to other origins without asking first.

    Also one that is packed in another way than gzip.
    """
    # A coroutine although it awaits nothing: the framework would run a plain function in a thread.
    headers = connection.scope["headers"]
    if not announces_body(headers):
        return
    media_types = [value for name, value in headers if name == b"content-type"]
    if len(media_types) != 1 or not JSON_IN_UTF8.fullmatch(media_types[0].strip()):
        raise BodyNotJson
    if content_encodings(headers):
        raise EncodingUnknown


def decode_body(body: bytes, target: type[T]) -> T:
    """The body as ``target``; raises `BodyMalformed` and `BodyInvalid`."""
    try:
        return _valid(body, target)
    except msgspec.DecodeError as wrong:
        raise BodyMalformed(str(wrong)) from wrong
    except RepeatedKey as wrong:
        raise BodyMalformed(str(wrong)) from wrong
    except UnicodeDecodeError as wrong:
        raise BodyMalformed("the body is not UTF-8") from wrong
    except RecursionError as wrong:  # msgspec's own guard against nesting
        raise BodyMalformed("the body is nested too deeply") from wrong


def _valid(body: bytes, target: Any) -> Any:
    try:
        if not hasattr(target, "documented_as"):
            refuse_nul(body)
            refuse_repeated_keys(body)
        elif any(body.count(b'"%b"' % field.encode()) > 1 for field in target.__struct_fields__):
            refuse_repeated_keys(body)
        return _decoder(target).decode(body)
    except msgspec.ValidationError as wrong:
        raise BodyInvalid(faults(body, target) or [fault(wrong)]) from wrong


@lru_cache(maxsize=256)
def _decoder(target: type[T]) -> msgspec.json.Decoder[T]:
    return msgspec.json.Decoder(target)


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
