"""Why a command can be turned down.

Four reasons cover every refusal, and each is a class so that callers can catch
a whole reason or one particular error:

    Refusal
    ├── NotFound     the thing named does not exist (or is not visible)
    ├── Forbidden    it exists, but this actor may not do this to it
    ├── Conflict     its present state rules the command out
    └── Invalid      the command makes no sense in any state

HTTP status codes are not known here; ``api/conventions/problems.py`` maps reasons to them.
"""

from typing import ClassVar


class Refusal(Exception):
    """A command turned down, with a stable code for programs and a sentence for people.

    The sentence is shown to the caller: it never holds secrets or ids of others.
    """

    code: ClassVar[str] = "refused"


class NotFound(Refusal):
    """The thing named does not exist, or this actor may not know that it does."""

    code = "not_found"


class Forbidden(Refusal):
    """The actor may not do this to this thing."""

    code = "forbidden"


class Conflict(Refusal):
    """The present state of the thing rules the command out."""

    code = "conflict"


class Invalid(Refusal):
    """The command makes no sense in any state; ``field`` names the part at fault, if one part is."""

    code = "invalid"

    def __init__(self, detail: str, *, field: str | None = None) -> None:
        super().__init__(detail)
        self.field = field
