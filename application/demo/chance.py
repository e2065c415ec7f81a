"""Chance that can be repeated: the same seed, the same world."""

from collections.abc import Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")


class Chance(Random):
    """Python's Mersenne Twister, which gives one sequence for one seed (a string) on every machine."""

    def happens(self, probability: float) -> bool:
        """True as often as ``probability`` says."""
        return self.random() < probability

    def weighted(self, choices: Sequence[tuple[T, int]]) -> T:
        """One of ``choices``, as often as its weight says."""
        return self.choices([each for each, _ in choices], [weight for _, weight in choices])[0]
