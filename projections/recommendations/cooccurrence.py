"""Which videos go together: counts of pairs, kept for each video's strongest partners only."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from projections.recommendations.arrays import Counts, Floats, Indices, Packed, grown, restored, scattered, stored

PARTNERS = 256
"""Partners kept for each video: 2 KiB a table and video."""

CONTENDERS = 8
"""Partners of a full row among which the weakest makes room for a new one."""

MOST_WAITING = 64
"""Touches that may wait to be counted, at most; see `Cooccurrence.add`."""

Keys = NDArray[np.int64]


class Cooccurrence:
    """``C[a, b]``: how much those who touched ``a`` went on to touch ``b``, each pair weighed as its touches were.

    A row holds at most `PARTNERS` partners.  A new one takes the place of the
    weakest of a few, and with it that one's count, so that a partner on the rise
    gets in (Space-Saving: Metwally et al., 2005; over a sample, as caches evict:
    counts are never too low, and too high by what was taken over).
    """

    def __init__(self) -> None:
        # Partner p is stored as p + 1, so that fresh zeros are nobody.
        self._partners: Indices = np.zeros((0, PARTNERS), np.int32)
        self._counts: Floats = np.zeros((0, PARTNERS), np.float32)
        self._waiting: list[tuple[Keys, float]] = []
        self._touches = 0

    def make_room(self, items: int) -> None:
        """Have a row for each of the first ``items`` videos."""
        self._partners = grown(self._partners, items)
        self._counts = grown(self._counts, items)

    def add(self, past: Indices, item: int, weight: float, *, both_ways: bool) -> None:
        """Count ``item`` in the rows of ``past``, and these in its own row if ``both_ways``.

        Counted at once while little is known, later together with up to
        `MOST_WAITING` others, never more than a hundredth of all: one pass over
        many pairs costs a fraction of many passes.
        """
        there = past.astype(np.int64) << 32 | item
        self._waiting.append((there, weight))
        if both_ways:
            self._waiting.append((np.int64(item) << 32 | past.astype(np.int64), weight))
        self._touches += 1
        if len(self._waiting) >= min(MOST_WAITING, self._touches // 100) * (1 + both_ways):
            self._settle()

    def _settle(self) -> None:
        waiting, weights_waiting = zip(*self._waiting, strict=True)
        each = np.repeat(weights_waiting, [len(keys) for keys in waiting])
        keys, inverse = np.unique(np.concatenate(waiting), return_inverse=True)
        self._waiting.clear()
        weights = np.bincount(inverse, weights=each, minlength=len(keys)).astype(np.float32)
        rows, wanted = keys >> 32, (keys & 0xFFFF_FFFF).astype(np.int32) + 1
        columns = (self._partners[rows] == wanted[:, None]).argmax(axis=1)
        new = self._partners[rows, columns] != wanted
        self._counts[rows[~new], columns[~new]] += weights[~new]
        self._admit(rows[new], wanted[new], weights[new])

    def _admit(self, rows: Keys, wanted: Indices, weights: Floats) -> None:
        """Give newcomers free places, or those of weak partners; two for one place: the latter gets it."""
        nth = np.arange(len(rows)) - np.searchsorted(rows, rows)
        columns = (self._partners[rows] > 0).sum(axis=1) + nth
        full = columns >= PARTNERS
        chance = scattered(self._touches, len(rows) * CONTENDERS).reshape(-1, CONTENDERS) % np.uint64(PARTNERS)
        contenders = chance[full].astype(np.intp)
        weakest = self._counts[rows[full, None], contenders].argmin(axis=1)
        columns[full] = contenders[np.arange(len(contenders)), weakest]
        _, last = np.unique((rows * PARTNERS + columns)[::-1], return_index=True)
        kept = len(rows) - 1 - last
        self._partners[rows[kept], columns[kept]] = wanted[kept]
        self._counts[rows[kept], columns[kept]] += weights[kept]

    def scores(self, rows: Indices, row_weights: Counts, items: int) -> Counts:
        """``sum over rows of row_weight * C[row, i]`` for every video ``i``; shape ``(items,)``."""
        weights = self._counts[rows] * row_weights[:, None]
        summed = np.bincount(self._partners[rows].ravel(), weights=weights.ravel(), minlength=items + 1)
        return summed[1:].astype(np.float64)  # of nothing, bincount makes integers

    def evidence(self, rows: Indices, row_weights: Counts, item: int) -> Counts:
        """What each of ``rows`` adds to the score of ``item``."""
        return ((self._partners[rows] == item + 1) * self._counts[rows]).sum(axis=1) * row_weights

    def packed(self, items: int) -> dict[str, Any]:
        """For the checkpoint."""
        return {
            "partners": stored(self._partners[:items]),
            "counts": stored(self._counts[:items]),
            "waiting": [(stored(keys), weight) for keys, weight in self._waiting],
            "touches": self._touches,
        }

    def restore(self, written: Packed) -> None:
        """As it was when packed."""
        self._partners = restored(written["partners"])
        self._counts = restored(written["counts"])
        self._waiting = [(restored(keys), weight) for keys, weight in written["waiting"]]
        self._touches = written["touches"]
