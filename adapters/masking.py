"""The second line of defence of the logs: what should never have been handed to one is masked on its way out.

The first is not to log it.  Names decide, and for values inside of sentences,
such as messages of errors, the shape of what is secret.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, cast

from structlog.typing import EventDict, WrappedLogger

MASK = "***"

SECRET_WORDS = {
    "address", "authorization", "cookie", "credential", "csrf", "digest", "email", "hash", "key", "mail", "name",
    "password", "query", "recipient", "secret", "subject", "token", "url",
}  # fmt: skip
"""A field whose last word is one of these holds what is secret or personal: `refresh_token`, `email`, `user_name`."""

HARMLESS = {"event", "logger", "subject", "filename", "exc_name"}
"""Fields that sound like it: `subject` is one of NATS, `logger` names a library."""

WITH_AT = re.compile(
    r"(?<=://)[^\s/@]+(?=@)"  # user and password in a URL
    r"|[^\s@<>:/?=\"'(]+@[^\s@<>:/?=\"')]+\.[^\s@<>:/?=\"'),;]+"  # an address of e-mail
)
TOKENS = re.compile(
    r"\bp[ahrs]_[a-z2-7_0-9]{16,}"  # an API key, the tokens and the cookie of a session
    r"|(?<=token=)[^\s&\"']+"  # a mailed link
    r"|\$argon2\S+"
    r"|(?<=[Bb]earer )\S+"
)
HINT = re.compile(r"p[ahrs]_[a-z2-7_0-9]{16}|token=|\$argon2|earer ")
"""In whatever holds one of `TOKENS`, and six times as fast to look for."""


def mask(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """A processor of structlog, after exceptions were rendered; the names inside these are those of functions."""
    return _masked(event)


def _is_secret(name: str, value: object) -> bool:
    return _sounds_secret(name) and not (value is None or isinstance(value, bool | int | float))


@lru_cache(maxsize=1_000)
def _sounds_secret(name: str) -> bool:
    return name not in HARMLESS and name.lower().rpartition("_")[2] in SECRET_WORDS


def _masked(value: Any, *, by_name: bool = True) -> Any:
    match value:
        case str():
            said = WITH_AT.sub(MASK, value) if "@" in value else value
            return TOKENS.sub(MASK, said) if HINT.search(said) else said
        case dict():
            inside = cast(dict[str, Any], value)
            return {
                name: MASK if by_name and _is_secret(name, it) else _masked(it, by_name=by_name and name != "exception")
                for name, it in inside.items()
            }
        case list() | tuple():
            return [_masked(each, by_name=by_name) for each in cast(Sequence[Any], value)]
        case _:
            return value
