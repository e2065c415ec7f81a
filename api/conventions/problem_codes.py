"""All codes that a problem document can bear, out of the table that answers by them."""

from collections.abc import Iterator, Sequence

import msgspec

from adapters.composition import STORE_UNAVAILABLE
from api.conventions.connections import OF_CONNECTIONS
from api.conventions.problem_document import Problem, problem_of
from api.conventions.problems import HTTP_KINDS, KINDS, UNEXPECTED, UNREAD
from domain.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refusal

REASONS = {Refusal, NotFound, Forbidden, Conflict, Invalid}


class ProblemCode(msgspec.Struct, frozen=True):
    """One code; ``context`` is whose business it is, empty for what can be said of any request."""

    code: str
    status: int
    meaning: str
    context: str = ""

    @property
    def example(self) -> Problem:
        """A problem as it is answered."""
        return problem_of(self.status, self.code, self.meaning, "/api/…")


def problem_codes() -> Sequence[ProblemCode]:
    """Every code once, by status and name; of the modules that are loaded: all of them, once ``api.app`` is."""
    found: dict[str, ProblemCode] = {}
    for each in (*_of_kinds(), *_of_refusals(Refusal), *_of_framework()):
        found.setdefault(each.code, each)
    return sorted(found.values(), key=lambda each: (each.status, each.code))


def _of_kinds() -> Iterator[ProblemCode]:
    for error, kind in KINDS.items():
        if kind.code is not None:
            told = kind.detail if error in STORE_UNAVAILABLE else _first_line(error)
            yield ProblemCode(kind.code, kind.status, _sentence(told or _first_line(error)))


def _of_refusals(reason: type[Refusal]) -> Iterator[ProblemCode]:
    for error in reason.__subclasses__():
        layer, _, rest = error.__module__.partition(".")
        if layer == "tests" or error.__module__.startswith("api.pages"):
            continue
        if error not in REASONS:
            status = next(KINDS[cause].status for cause in error.__mro__ if cause in KINDS)
            context = rest.partition(".")[0] if layer == "domain" and not rest.startswith("kernel") else ""
            yield ProblemCode(error.code, status, _first_line(error), context)
        yield from _of_refusals(error)


def _of_framework() -> Iterator[ProblemCode]:
    for kind in (*HTTP_KINDS.values(), UNEXPECTED, UNREAD):
        yield ProblemCode(kind.code or "", kind.status, _sentence(kind.detail or "The request is malformed"))
    for problem in OF_CONNECTIONS:
        yield ProblemCode(problem.code, problem.status, _sentence(problem.detail))


def _first_line(error: type[Exception]) -> str:
    return " ".join((error.__doc__ or "").split("\n\n")[0].split()).replace("``", "`")


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:].rstrip('.')}."
