"""Lists in pages, by opaque cursors: where the next page begins."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Annotated, TypeVar

import msgspec
from litestar.params import QueryParameter

from domain.kernel.errors import Invalid

T = TypeVar("T")

Limit = Annotated[int, QueryParameter(ge=1, le=100, description="How many at most.")]
Cursor = Annotated[str | None, QueryParameter(description="`next_cursor` of the page before.")]


class CursorInvalid(Invalid):
    """Not a cursor that this list has handed out."""

    code = "cursor_invalid"


def cursor_of(place: object) -> str:
    """The cursor for a place in a list."""
    return urlsafe_b64encode(msgspec.msgpack.encode(place)).rstrip(b"=").decode()


def place_of(cursor: str, place_type: type[T]) -> T:
    """The place that a cursor stands for; raises `CursorInvalid`."""
    try:
        return msgspec.msgpack.decode(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)), type=place_type)
    except ValueError as invalid:  # of base64 and of msgspec alike
        raise CursorInvalid("use next_cursor of the page before, or none", field="cursor") from invalid
