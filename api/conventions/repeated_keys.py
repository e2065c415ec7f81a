"""JSON objects that say something twice: which of the two is meant nobody knows, and readers differ (RFC 8259, 4)."""

import json
import re
from collections.abc import Iterable
from typing import Any, cast

import msgspec

KEY_END = re.compile(rb'"\s*:')
"""Ends every key, and may stand inside of a string: there are at most as many keys as matches."""

_anything = msgspec.json.Decoder[Any]()
_flat = msgspec.json.Decoder(dict[str, msgspec.Raw])


class RepeatedKey(Exception):
    """An object has the same key twice."""


def refuse_repeated_keys(body: bytes) -> None:
    """Raises `RepeatedKey`, and `msgspec.DecodeError` for what is not JSON.

    Reading once and counting tells nearly always that there is none; only else
    is the body read as slowly as finding the key takes.
    """
    if _keys(_anything.decode(body)) < len(KEY_END.findall(body)):
        _search(body)


def refuse_repeated_keys_of_flat(item: bytes) -> None:
    """As `refuse_repeated_keys`, at half the cost for an object whose values are none."""
    if len(_flat.decode(item)) < len(KEY_END.findall(item)):
        _search(item)


def _keys(value: Any) -> int:
    if isinstance(value, dict):
        fields = cast("dict[str, Any]", value)
        return len(fields) + sum(_keys(each) for each in fields.values() if isinstance(each, dict | list))
    if isinstance(value, list):
        return sum(_keys(each) for each in cast("list[Any]", value) if isinstance(each, dict | list))
    return 0


def _search(body: bytes) -> None:
    # Numbers are left as text: the library refuses to read very long ones.
    json.loads(body, object_pairs_hook=_refuse, parse_int=str, parse_float=str)


def _refuse(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    seen: dict[str, Any] = {}
    for key, value in pairs:
        if key in seen:
            raise RepeatedKey(f"the key {json.dumps(key)[:80]} stands twice in one object")
        seen[key] = value
    return seen
