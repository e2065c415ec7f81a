"""The seam between a projection, which is pure, and the place its answers are kept.

A projection folds a batch of facts into changes without asking anybody; a read
model writes changes and moves its position in one step.  `workers/projector.py`
brings the two together, and knows neither's insides.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, TypeVar

from domain.kernel.event import Fact

C = TypeVar("C")
C_contra = TypeVar("C_contra", contravariant=True)
C_co = TypeVar("C_co", covariant=True)


class PositionMoved(Exception):
    """Somebody else moved this read model on: nothing was written, and the caller must step down."""


class ReadModelBehind(Exception):
    """A read model has not come as far as the asker needs; asking again shortly will do."""

    code = "read_model_behind"

    def __init__(self, name: str, log: str, *, asked: int, reached: int) -> None:
        super().__init__(f"{name} has reached position {reached} of the {log} log, not yet {asked}")
        self.log = log
        self.asked = asked
        self.reached = reached


class Positions(Protocol):
    """How far read models have come, for those who want to read their own writes."""

    async def wait_for(self, name: str, at_least: Mapping[str, int]) -> None:
        """Return once the read model knows of these positions, by log.

        Waits a bounded time; raises `ReadModelBehind` then.
        """
        ...


class Projection(Protocol[C_co]):
    """What a read model answers from, as a pure function of facts.

    ``version`` counts the meanings of the read model: a new one is built beside
    the old from position 1.
    """

    @property
    def name(self) -> str:
        """As in tables, metrics and commands: ``videos``."""
        ...

    @property
    def version(self) -> int:
        """Raised when the same facts fold into other rows."""
        ...

    @property
    def logs(self) -> tuple[str, ...]:
        """The contexts followed; between two of them there is no order."""
        ...

    @property
    def bare(self) -> bool:
        """Whether it asks only what happened and where it stands: `fold` is then given `Occurrence`s."""
        ...

    def fold(self, facts: Sequence[Fact[Any]]) -> C_co:
        """The changes that facts of one log, contiguous and in order, make together."""
        ...


class ReadModel(Protocol[C_contra]):
    """Where a projection's answers are kept, with a position for every log it follows."""

    async def position(self, log: str) -> int:
        """The last position taken in; 0 before the first."""
        ...

    async def advance(self, log: str, *, after: int, upto: int, changes: C_contra) -> None:
        """Write ``changes`` and move from ``after`` to ``upto``, both or neither.

        Raises `PositionMoved` if the position is not ``after``: the
        compare-and-set that makes every fact count once.
        """
        ...
