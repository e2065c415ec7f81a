"""How routes are given the parts of the system that they use."""

from collections.abc import Callable
from typing import Annotated, TypeVar

from litestar.di import Dependency, Provide
from litestar.params import SkipValidationMarker

T = TypeVar("T")

Part = Annotated[T, Dependency(kind="named"), SkipValidationMarker()]
"""A parameter that is filled with the part of its name; see ``api/app.py``."""


def given(part: object) -> Provide:
    """Provide ``part`` to every request."""
    provide: Callable[[], object] = lambda: part  # noqa: E731 # a name would say no more
    return Provide(provide, sync_to_thread=False)
