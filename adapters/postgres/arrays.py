"""Arrays in PostgreSQL's binary form, packed without a call to psycopg for each element.

A group commit sends every column of its rows as one array.  psycopg adapts
arrays element by element in Python; packing them here costs about a tenth.
The layout is `array_send` in PostgreSQL's ``arrayfuncs.c``: dimensions (1),
whether there are nulls, element type, length, lower bound (1), then each
element behind its length in bytes, -1 standing for null.
"""

from collections.abc import Iterable, Sequence
from itertools import repeat
from struct import Struct
from typing import Any
from uuid import UUID

from psycopg.abc import AdaptContext
from psycopg.adapt import Dumper
from psycopg.pq import Format

HEADER = Struct("!iiIii")
LENGTH = Struct("!i")
BIGINT = Struct("!iq")
UUID_LENGTH = LENGTH.pack(16)
NULL = LENGTH.pack(-1)
BIGINT_OID, BYTEA_OID, TEXT_OID, UUID_OID = 20, 17, 25, 2950


class PackedArray(bytes):
    """An array parameter, ready for the wire; `array_oid` is its type."""

    array_oid = 0


class BigintArray(PackedArray):
    """``bigint[]``."""

    array_oid = 1016


class ByteaArray(PackedArray):
    """``bytea[]``."""

    array_oid = 1001


class TextArray(PackedArray):
    """``text[]``."""

    array_oid = 1009


class UuidArray(PackedArray):
    """``uuid[]``."""

    array_oid = 2951


def bigints(values: Sequence[int]) -> BigintArray:
    """No nulls; each value fits 64 bits."""
    return BigintArray(_header(len(values), BIGINT_OID) + b"".join(map(BIGINT.pack, repeat(8), values)))


def byteas(values: Sequence[bytes]) -> ByteaArray:
    """No nulls."""
    return ByteaArray(_header(len(values), BYTEA_OID) + _prefixed(values))


def texts(values: Sequence[str]) -> TextArray:
    """No nulls; encoded as UTF-8."""
    return TextArray(_header(len(values), TEXT_OID) + _prefixed([value.encode() for value in values]))


def uuids(values: Sequence[UUID | None]) -> UuidArray:
    """None becomes null."""
    packed = [NULL if value is None else UUID_LENGTH + value.bytes for value in values]
    return UuidArray(_header(len(values), UUID_OID, nulls=None in values) + b"".join(packed))


def _header(length: int, element_oid: int, *, nulls: bool = False) -> bytes:
    return HEADER.pack(1, nulls, element_oid, length, 1)


def _prefixed(values: Iterable[bytes]) -> bytes:
    return b"".join([part for value in values for part in (LENGTH.pack(len(value)), value)])


class _PackedDumper(Dumper):
    format = Format.BINARY

    def dump(self, obj: Any) -> bytes:
        return bytes(obj)


def register(context: AdaptContext) -> None:
    """Let a connection take packed arrays as parameters."""
    for array in (BigintArray, ByteaArray, TextArray, UuidArray):
        dumper = type(f"{array.__name__}Dumper", (_PackedDumper,), {"oid": array.array_oid})
        context.adapters.register_dumper(array, dumper)
