"""Which videos go together: counts of pairs, kept for each video's strongest partners only."""

import numpy as np

from projections.recommendations.arrays import Counts, Floats, Indices, Packed, Stored, grown, restored, stored

PARTNERS = 256
"""Partners kept for each video: 2 KiB a table and video."""


class Cooccurrence:
    """``C[a, b]``: how much those who touched ``a`` went on to touch ``b``, each pair weighed as its touches were.

    A row holds at most `PARTNERS` partners; a new one takes the place of the
    weakest, and with it the weakest's count, so that a partner on the rise gets
    in (the Space-Saving rule of Metwally et al., 2005: counts are never too
    low, and too high by at most the smallest count of the row).
    """

    def __init__(self) -> None:
        # Partner p is stored as p + 1, so that fresh zeros are nobody.
        self._partners: Indices = np.zeros((0, PARTNERS), np.int32)
        self._counts: Floats = np.zeros((0, PARTNERS), np.float32)

    def make_room(self, items: int) -> None:
        """Have a row for each of the first ``items`` videos."""
        self._partners = grown(self._partners, items)
        self._counts = grown(self._counts, items)

    def add(self, rows: Indices, item: int, weight: float) -> None:
        """Count ``item`` in each of ``rows``; they are distinct, and none is ``item``."""
        columns = (self._partners[rows] == item + 1).argmax(axis=1)
        missing = self._partners[rows, columns] != item + 1
        if missing.any():
            newcomers = rows[missing]
            weakest = self._counts[newcomers].argmin(axis=1)
            self._partners[newcomers, weakest] = item + 1
            columns[missing] = weakest
        self._counts[rows, columns] += weight

    def add_row(self, row: int, items: Indices, weight: float) -> None:
        """Count each of ``items``, which are distinct, in one row."""
        partners, counts = self._partners[row], self._counts[row]
        wanted = items + 1
        columns = (partners == wanted[:, None]).argmax(axis=1)
        missing = partners[columns] != wanted
        counts[columns[~missing]] += weight
        if missing.any():
            claimed = counts.copy()
            claimed[columns[~missing]] = np.inf
            weakest = np.argsort(claimed, kind="stable")[: int(missing.sum())]
            partners[weakest] = wanted[missing]
            counts[weakest] += weight

    def scores(self, rows: Indices, row_weights: Counts, items: int) -> Counts:
        """``sum over rows of row_weight * C[row, i]`` for every video ``i``; shape ``(items,)``."""
        weights = self._counts[rows] * row_weights[:, None]
        summed = np.bincount(self._partners[rows].ravel(), weights=weights.ravel(), minlength=items + 1)
        return summed[1:].astype(np.float64)  # of nothing, bincount makes integers

    def evidence(self, rows: Indices, row_weights: Counts, item: int) -> Counts:
        """What each of ``rows`` adds to the score of ``item``."""
        return ((self._partners[rows] == item + 1) * self._counts[rows]).sum(axis=1) * row_weights

    def packed(self, items: int) -> dict[str, Stored]:
        """For the checkpoint."""
        return {"partners": stored(self._partners[:items]), "counts": stored(self._counts[:items])}

    def restore(self, written: Packed) -> None:
        """As it was when packed."""
        self._partners = restored(written["partners"])
        self._counts = restored(written["counts"])
