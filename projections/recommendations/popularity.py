"""How much each video is liked, of late and of old, and how well."""

import numpy as np

from projections.recommendations.arrays import Counts, Stored, grown, restored, stored

HALF_LIVES = (20.0, 200.0, 1_000.0, 5_000.0)
"""In positive touches of the whole platform: catalogues differ, and the ranker finds out which one rules."""

TOO_LARGE = 1e100


class Popularity:
    """Decayed positive counts at several half-lives, totals, and the age of each video; 80 bytes a video.

    A new touch is worth more than the last instead of all others less, which
    costs one addition; only proportions are ever asked for.
    """

    def __init__(self) -> None:
        self._growth: Counts = 2.0 ** (1.0 / np.array(HALF_LIVES))
        self._worth: Counts = np.ones(len(HALF_LIVES))
        self._sums: Counts = np.zeros(len(HALF_LIVES))
        self._decayed: Counts = np.zeros((0, len(HALF_LIVES)))
        self._totals: Counts = np.zeros((0, 4))

    def make_room(self, items: int) -> None:
        """Have a row for each of the first ``items`` videos."""
        self._decayed = grown(self._decayed, items)
        self._totals = grown(self._totals, items)

    @property
    def positives(self) -> Counts:
        """Weight of all positive touches, by video."""
        return self._totals[:, 0]

    @property
    def touches(self) -> Counts:
        """First touches of any manner, by video."""
        return self._totals[:, 1]

    @property
    def born(self) -> Counts:
        """Position of the first touch, by video."""
        return self._totals[:, 2]

    @property
    def length_ms(self) -> Counts:
        """How long the video seems to be, from how long it is watched; 0 until it was."""
        return self._totals[:, 3]

    def touch(self, item: int, position: int) -> None:
        """Count the first touch of a video by a user."""
        if not self._totals[item, 1]:
            self._totals[item, 2] = position
        self._totals[item, 1] += 1

    def add(self, item: int, weight: float) -> None:
        """Count a positive touch, now."""
        self._totals[item, 0] += weight
        self._decayed[item] += self._worth * weight
        self._sums += self._worth * weight
        self._worth *= self._growth
        if self._worth[0] > TOO_LARGE:
            self._decayed /= self._worth
            self._sums /= self._worth
            self._worth[:] = 1.0

    def completion(self, item: int, watched_ms: int) -> float:
        """Which part of the video was watched, as far as the views of it tell.

        Its length is the upper envelope of them: up at once (at most doubled, as
        a loop may run for long), down by 2 % of the gap with each shorter view.
        The length that the creator stated is in the catalog log, and what is
        learned here must not depend on how far that was read.
        """
        length = self._totals[item, 3]
        if watched_ms > length:
            length = min(float(watched_ms), 2.0 * length) if length else float(watched_ms)
        else:
            length -= 0.02 * (length - watched_ms)
        self._totals[item, 3] = length
        return min(1.0, watched_ms / length) if length else 0.0

    def shares(self, items: slice | np.ndarray) -> Counts:
        """Each video's part of all decayed counts; shape ``(items, half-lives)``."""
        return self._decayed[items] / (self._sums + 1e-9)

    def liking(self, items: slice | np.ndarray) -> Counts:
        """Positive touches per touch, drawn towards 3 in 5 by five touches that never were."""
        return (self._totals[items, 0] + 3.0) / (self._totals[items, 1] + 5.0)

    def packed(self, items: int) -> dict[str, Stored]:
        """For the checkpoint."""
        return {
            "worth": stored(self._worth),
            "sums": stored(self._sums),
            "decayed": stored(self._decayed[:items]),
            "totals": stored(self._totals[:items]),
        }

    def restore(self, written: dict[str, Stored]) -> None:
        """As it was when packed."""
        self._worth = restored(written["worth"])
        self._sums = restored(written["sums"])
        self._decayed = restored(written["decayed"])
        self._totals = restored(written["totals"])
