"""Everything that is wrong with a body at once: msgspec itself stops at the first fault."""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

import msgspec

from api.conventions.problem_document import FieldProblem
from domain.kernel.text import holds_nul

T = TypeVar("T")

MOST_FAULTS = 50

AT = re.compile(r" - at (?:`key` in )?`\$\.?(.*)`$")
"""How msgspec says where in the document it stopped."""

NAMED = re.compile(r"(?:missing required|contains unknown) field `(.+?)`")


def refuse_nul(body: bytes) -> None:
    """Raises `msgspec.ValidationError` for strings that could not be stored."""
    if holds_nul(body):
        raise msgspec.ValidationError("strings must not contain U+0000")


def fault(wrong: msgspec.ValidationError, place: str = "") -> FieldProblem:
    """What msgspec found, with the path of the field it found it in, below ``place``."""
    message = str(wrong)
    at = AT.search(message)
    path = _below(place, at[1]) if at else place
    if named := NAMED.search(message):
        path = _below(path, named[1])
    return FieldProblem(path, message[: at.start()] if at else message)


def faults(body: bytes, target: type[Any]) -> Sequence[FieldProblem]:
    """The first `MOST_FAULTS` fields that are wrong, in the order of the type; none if the whole is.

    Raises what msgspec raises for what is not JSON.
    """
    msgspec.json.decode(body)
    return list(islice(_faults(body, target, ""), MOST_FAULTS))


def _faults(raw: msgspec.Raw | bytes, expected: Any, place: str) -> Iterator[FieldProblem]:
    try:
        refuse_nul(bytes(raw))
        msgspec.json.decode(raw, type=expected)
    except msgspec.ValidationError as wrong:
        inside = list(islice(_inside(raw, expected, place), MOST_FAULTS))
        # A fault of the whole, such as a list that is too long, is none of its parts'.
        yield from inside or [fault(wrong, place)]


def _inside(raw: msgspec.Raw | bytes, expected: Any, place: str) -> Iterator[FieldProblem]:
    """The faults of the parts, for those types that have some."""
    plain = _without_annotations(expected)
    if isinstance(plain, type) and issubclass(plain, msgspec.Struct):
        if (fields := _as(raw, dict[str, msgspec.Raw])) is not None:
            yield from _of_fields(fields, plain, place)
    elif get_origin(plain) in {list, tuple, Sequence} and get_args(plain):
        for index, item in enumerate(_as(raw, list[msgspec.Raw]) or ()):
            yield from _faults(item, get_args(plain)[0], f"{place}[{index}]")
    elif get_origin(plain) in {dict, Mapping}:
        sent: dict[str, msgspec.Raw] = _as(raw, dict[str, msgspec.Raw]) or {}
        for key, value in sent.items():
            yield from _faults(value, get_args(plain)[1], _below(place, key))


def _of_fields(sent: Mapping[str, msgspec.Raw], target: type[msgspec.Struct], place: str) -> Iterator[FieldProblem]:
    fields = {field.encode_name: field for field in msgspec.structs.fields(target)}
    for name, field in fields.items():
        if name in sent:
            yield from _faults(sent[name], field.type, _below(place, name))
        elif field.required:
            yield FieldProblem(_below(place, name), "it is required")
    if target.__struct_config__.forbid_unknown_fields:
        for name in sorted(sent.keys() - fields.keys()):
            yield FieldProblem(_below(place, name), "there is no such field")


def _as(raw: msgspec.Raw | bytes, shape: type[T]) -> T | None:
    try:
        return msgspec.json.decode(raw, type=shape)
    except msgspec.ValidationError:
        return None


def _without_annotations(expected: Any) -> Any:
    """The type itself; of one that may be left out, the one that it is else."""
    while get_origin(expected) is Annotated:
        expected = get_args(expected)[0]
    if get_origin(expected) in {Union, UnionType}:
        others = [each for each in get_args(expected) if each is not type(None)]
        return _without_annotations(others[0]) if len(others) == 1 else expected
    return expected


def _below(place: str, name: str) -> str:
    return f"{place}.{name}" if place and not name.startswith("[") else place + name
