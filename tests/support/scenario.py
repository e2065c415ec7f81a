"""Decisions told as stories: what had happened, what was asked, what became of it.

    story = Story(evolve)
    story.given(drafted, published).when(publish).then()

Every story ends with the same question asked again, in the state that the first
answer led to: it must find nothing left to do.  So no decision can be written
here without being repeatable.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, Generic, TypeVar

import pytest

from domain.kernel.errors import Refusal

S = TypeVar("S")
E = TypeVar("E")
R = TypeVar("R", bound=Refusal)


@dataclass(frozen=True)
class Asked(Generic[S, E]):
    """A decision about to be taken after ``past``."""

    story: "Story[S, E]"
    past: tuple[E, ...]
    decide: Callable[[Any], Sequence[E]]

    def then(self, *expected: E) -> None:
        """Exactly these events, in this order (none: it was true already), and none when asked again."""
        decided = tuple(self.decide(self.story.state(self.past)))
        assert decided == expected
        again = self.decide(self.story.state(self.past + decided))
        assert list(again) == [], "asked twice, it decided twice"

    def then_refuses(self, reason: type[R]) -> R:
        """This refusal, with its own code and a sentence; returned so that its fields can be asked for."""
        with pytest.raises(reason) as caught:
            self.decide(self.story.state(self.past))
        assert str(caught.value)
        return caught.value


@dataclass(frozen=True)
class Past(Generic[S, E]):
    """What had happened before anything was asked."""

    story: "Story[S, E]"
    events: tuple[E, ...]

    def when(self, decide: Callable[[Any], Sequence[E]]) -> Asked[S, E]:
        """Ask for something in the state the past led to."""
        return Asked(self.story, self.events, decide)


@dataclass(frozen=True)
class Story(Generic[S, E]):
    """How one aggregate remembers: the ground of its stories."""

    evolve: Callable[[S | None, E], S]

    def given(self, *events: E) -> Past[S, E]:
        """The history; none for something that does not exist yet."""
        return Past(self, events)

    def state(self, events: Iterable[E]) -> S | None:
        """What is remembered after ``events``; None after none."""
        nothing: S | None = None
        return reduce(self.evolve, events, nothing)

    def live(self, first: Callable[[Any], Sequence[E]], rest: Iterable[Callable[[Any], Sequence[E]]]) -> list[E]:
        """Ask one thing after another, as clients would, and answer the history that came of it.

        What is refused changes nothing.  ``first`` brings the thing into being.
        Along the way every decision is asked again at once and must be idle.
        """
        history = list(first(None))
        for decide in rest:
            state = self.state(history)
            try:
                decided = decide(state)
            except Refusal:
                continue
            history.extend(decided)
            assert list(decide(self.state(history))) == [], "asked twice, it decided twice"
        return history
