"""Headers that middleware adds to whatever is answered in the end, a problem document included."""

from collections.abc import Iterable, Sequence

from litestar.types import Scope

STATE = "answer_headers"


def add_header(scope: Scope, name: bytes, value: bytes) -> None:
    """Let the answer to this request carry one header more; ``name`` in lower case, the last one counts."""
    added: dict[bytes, bytes] = scope["state"].setdefault(STATE, {})
    added[name] = value


def added_headers(scope: Scope) -> Iterable[tuple[bytes, bytes]]:
    """What `add_header` added, for whoever sends the answer."""
    added: dict[bytes, bytes] = scope["state"].get(STATE, {})
    return added.items()


def header(scope: Scope, name: bytes) -> str | None:
    """A header of the request, by its name in lower case; several of one name are joined by commas (RFC 9110, 5.3)."""
    found: Sequence[bytes] = [value for each, value in scope["headers"] if each == name]
    return b", ".join(found).decode("latin-1") if found else None
