"""The one form in which errors are told: problem documents (RFC 9457)."""

from collections.abc import Sequence
from http import HTTPStatus

import msgspec

PROBLEM_JSON = "application/problem+json"
PROBLEM_TYPES = "/reference/problems"
"""The page on which each code is explained, under its own anchor."""


class FieldProblem(msgspec.Struct, frozen=True):
    """What is wrong with one field; ``field`` is a path, as ``themes[1]``, or the name of a parameter."""

    field: str
    detail: str


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What went wrong: ``code`` for programs, ``detail`` for people; ``instance`` is the path that was asked for.

    ``type`` leads to where the code is explained.  ``errors`` names the fields
    at fault, where fields are.
    """

    type: str
    title: str
    status: int
    detail: str
    code: str
    instance: str = ""
    errors: Sequence[FieldProblem] = ()


def problem_of(status: int, code: str, detail: str, instance: str = "", errors: Sequence[FieldProblem] = ()) -> Problem:
    """A problem with its title and its type."""
    return Problem(
        type=f"{PROBLEM_TYPES}#{code}",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        code=code,
        instance=instance,
        errors=errors,
    )
