"""The fields of a struct, for people: their types in words, and what its docstring says of each."""

import re
import types
import typing
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from enum import Enum
from inspect import getdoc
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec

from api.documents.markdown import from_docstring
from domain.kernel.personal import Erased, PersonalMark

PLAIN: Mapping[Any, str] = {
    UUID: "UUID",
    str: "text",
    int: "whole number",
    float: "number",
    bool: "true or false",
    datetime: "time, RFC 3339",
    type(None): "null",
}
RECURRING: Mapping[str, str] = {
    "birth_year": "of the person, as told",
    "creator_id": "the user whose video it is",
    "country": "an ISO 3166-1 alpha-2 code",
    "credential_id": "which password: its hash is kept apart from the log, and can be destroyed",
    "digest": "the hex SHA-256 of a secret that is recorded nowhere",
    "email": "an address, as it was given",
    "expires_at": "the end of it; none is never",
    "label": "what it is for, in its owner's words",
    "name": "what somebody calls themself",
    "query": "the words that were searched for",
    "request_id": "tells this request from other ones like it",
    "session_id": "one sitting of a viewer, in the client's own words",
    "user_id": "the user, by id",
    "video_id": "the video, by id",
}
"""What means the same wherever it stands, and is said again only where there is more to say."""

SEQUENCES = (tuple, list, frozenset, Sequence)


class Field(msgspec.Struct, frozen=True):
    """One field: ``structs`` are those that its type is made of and that have fields of their own."""

    name: str
    kind: str
    meaning: str
    personal: bool
    required: bool
    structs: Sequence[type[msgspec.Struct]]


def fields_of(struct: type[msgspec.Struct]) -> Sequence[Field]:
    """The fields of a struct, in its order."""
    hints = typing.get_type_hints(struct, include_extras=True)
    return [_field(struct, each, hints[each.name]) for each in msgspec.structs.fields(struct)]


def summary(of: type[Any]) -> str:
    """The first sentence of a docstring of its own."""
    return from_docstring((getdoc(of) or "").partition("\n\n")[0])


def _field(struct: type[msgspec.Struct], field: msgspec.structs.FieldInfo, hint: Any) -> Field:
    inside = list(_inside(hint))
    structs: list[type[msgspec.Struct]] = [
        it for it in inside if isinstance(it, type) and issubclass(it, msgspec.Struct)
    ]
    return Field(
        name=field.encode_name,
        kind=_kind(hint),
        meaning=_said_of(field.name, struct) or RECURRING.get(field.name) or _said_by_type(inside),
        personal=any(isinstance(each, PersonalMark) for each in inside),
        required=field.required,
        structs=[each for each in structs if each is not Erased],
    )


def _inside(hint: Any) -> Iterator[Any]:
    """A type and all that it is made of, marks too."""
    yield hint
    for part in (*getattr(hint, "__metadata__", ()), *typing.get_args(hint)):
        yield from _inside(part)


def _kind(hint: Any) -> str:
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin is Annotated:
        words = _kind(inner[0])
    elif origin in (types.UnionType, typing.Union):
        words = " or ".join(_kind(each) for each in inner if each not in (type(None), Erased))
    elif origin is Literal:
        words = _one_of(inner)
    elif origin in SEQUENCES:
        words = f"list of {_kind(inner[0])}"
    elif origin is dict:
        words = f"object: {_kind(inner[1])} by name"
    else:
        words = PLAIN.get(hint) or _kind_of_ours(hint)
    return words


def _kind_of_ours(named: Any) -> str:
    if not isinstance(named, type):
        return str(named)  # a variable, such as the event inside a fact
    if issubclass(named, Enum):
        return _one_of(each.value for each in named)
    return f"[{named.__name__}](#{named.__name__.lower()})"


def _one_of(values: Iterable[object]) -> str:
    return "one of " + ", ".join(f"`{each}`" for each in values)


def _said_of(name: str, struct: type[msgspec.Struct]) -> str:
    """The clause that names the field, out of the nearest docstring that has one."""
    for declaring in struct.__mro__:
        for clause in re.split(r"(?<=[.;:])\s+", " ".join((declaring.__doc__ or "").split())):
            if f"``{name}``" in clause:
                return re.sub(rf"^`{name}` is ", "", from_docstring(clause)).rstrip(".;:")
    return ""


def _said_by_type(inside: Sequence[Any]) -> str:
    own = [each for each in inside if isinstance(each, type) and each.__module__.startswith("domain.")]
    return next((summary(each).rstrip(".") for each in own if each is not Erased), "")
