"""Arrays that grow with the log, and how they are written down."""

from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

FIRST_CAPACITY = 256

Floats = NDArray[np.float32]
Counts = NDArray[np.float64]
Indices = NDArray[np.int32]
Mask = NDArray[np.bool_]


def grown(array: NDArray[Any], rows: int, *, fill: float = 0) -> NDArray[Any]:
    """``array`` with room for ``rows`` along its first axis; what it held stays, the rest is ``fill``.

    Doubles, so that growing by one row costs a constant on average.
    """
    if rows <= len(array):
        return array
    larger = np.full((max(rows, FIRST_CAPACITY, 2 * len(array)), *array.shape[1:]), fill, dtype=array.dtype)
    larger[: len(array)] = array
    return larger


class Stored(msgspec.Struct, frozen=True):
    """An array as bytes: ``kind`` is numpy's own name of the type with its byte order, ``<f4``."""

    kind: str
    shape: tuple[int, ...]
    content: bytes


def stored(array: NDArray[Any]) -> Stored:
    """The array, ready to be written."""
    return Stored(array.dtype.str, array.shape, np.ascontiguousarray(array).tobytes())


def restored(written: Any) -> NDArray[Any]:
    """The array of a `Stored`, also of one read as a mapping; a copy that may be changed."""
    written = msgspec.convert(written, Stored)
    return np.frombuffer(written.content, dtype=np.dtype(written.kind)).reshape(written.shape).copy()


def highest(values: NDArray[Any], count: int) -> NDArray[np.intp]:
    """Where the ``count`` highest values stand, the highest first, the first among equals."""
    if len(values) > count:
        least = np.partition(values, len(values) - count)[len(values) - count]
        places = np.flatnonzero(values >= least)
    else:
        places = np.arange(len(values))
    return places[np.argsort(-values[places], kind="stable")][:count]


def scattered(seed: int, count: int) -> NDArray[np.uint64]:
    """Numbers all over 64 bits, always the same for one seed (SplitMix64: Steele et al., 2014)."""
    steps = np.arange(1, count + 1, dtype=np.uint64) + np.uint64(seed * count)
    mixed = steps * np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


Packed = Mapping[str, Any]


class Index:
    """Numbers 0, 1, 2 … for ids in the order in which they were first met: 16 bytes and a dictionary slot each."""

    def __init__(self, ids: bytes = b"") -> None:
        self.ids: list[bytes] = [ids[start : start + 16] for start in range(0, len(ids), 16)]
        self._numbers = {identity: number for number, identity in enumerate(self.ids)}

    def __len__(self) -> int:
        return len(self.ids)

    def get(self, identity: bytes) -> int | None:
        """Its number, if it has one."""
        return self._numbers.get(identity)

    def number(self, identity: bytes) -> int:
        """Its number; the next free one for an id not met before."""
        known = self._numbers.get(identity)
        if known is None:
            known = self._numbers[identity] = len(self.ids)
            self.ids.append(identity)
        return known

    def packed(self) -> bytes:
        """All ids in order, 16 bytes each."""
        return b"".join(self.ids)
