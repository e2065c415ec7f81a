"""What speaks for each video, as numbers that the ranker weighs."""

import numpy as np
from numpy.typing import NDArray

from projections.recommendations.arrays import Counts, Indices
from projections.recommendations.audience import Audience
from projections.recommendations.cooccurrence import Cooccurrence
from projections.recommendations.popularity import HALF_LIVES, Popularity

TOGETHER, IN_REACH, NEXT = "liked_together", "touched_together", "liked_next"
RECENT = tuple(f"recent_{half_life:.0f}" for half_life in HALF_LIVES)
FEATURES = (TOGETHER, IN_REACH, NEXT, *RECENT, "liking", "age")
"""The order of all feature vectors."""

FIRST_WEIGHTS = np.array([0.5, 0.3, 0.3, 0.05, 0.1, 0.1, 0.1, 0.5, 0.0])
"""What is believed before the first touch: company counts most, then being liked of late."""

STEPS_BACK = 5
"""Touches from which a next one is counted."""


class Company:
    """The three tables of what goes with what."""

    def __init__(self) -> None:
        self.tables: dict[str, Cooccurrence] = {name: Cooccurrence() for name in (TOGETHER, IN_REACH, NEXT)}

    def make_room(self, items: int) -> None:
        """Have a row for each of the first ``items`` videos."""
        for table in self.tables.values():
            table.make_room(items)


class Sources:
    """Reads what was counted into features; changes nothing."""

    def __init__(self, audience: Audience, company: Company, popularity: Popularity) -> None:
        self._audience = audience
        self._company = company
        self._popularity = popularity

    def history(self, user: int, source: str) -> tuple[Indices, Counts]:
        """The videos that a table is asked about for this user, newest first, and what each one's row weighs."""
        if source == TOGETHER:
            rows, mass = self._audience.positives(user), self._popularity.positives
        else:
            rows, mass = self._audience.touched(user), self._popularity.touches
            rows = rows[:STEPS_BACK] if source == NEXT else rows
        weights = 1.0 / np.sqrt(mass[rows] + 1.0)
        if source == NEXT:
            weights = weights * 0.8 ** np.arange(len(rows))
        return rows, weights

    def features(self, user: int | None, items: int, position: int, chosen: NDArray[np.intp] | None = None) -> Counts:
        """Features of the first ``items`` videos, or of those ``chosen`` among them; shape ``(videos, features)``."""
        wanted: NDArray[np.intp] | slice = slice(items) if chosen is None else chosen
        columns = [self._company_of(user, source, items, wanted) for source in (TOGETHER, IN_REACH, NEXT)]
        shares = np.log1p(10.0 * items * self._popularity.shares(wanted))
        columns.extend(shares.T)
        columns.append(self._popularity.liking(wanted))
        touches = self._popularity.touches[wanted]
        age = np.where(touches > 0, position - self._popularity.born[wanted], 0.0)
        columns.append(np.log1p(age) / 10.0)
        return np.stack(columns, axis=1)

    def _company_of(self, user: int | None, source: str, items: int, wanted: NDArray[np.intp] | slice) -> Counts:
        if user is None:
            return np.zeros(items)[wanted]
        rows, weights = self.history(user, source)
        raw = self._company.tables[source].scores(rows, weights, items)
        mass = self._popularity.touches if source == IN_REACH else self._popularity.positives
        raw = raw / (mass[:items] + 1.0) ** (0.3 if source == NEXT else 0.5)
        total = raw.sum()
        return np.log1p(raw[wanted] * (20.0 * items / total)) if total else raw[wanted]


COLD = np.array([0.0] * (len(FEATURES) - 2) + [0.6, 0.0])
"""Features of a video that nobody has touched."""
