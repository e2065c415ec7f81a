"""Which passwords an account may have.

Length counts, composition does not (NIST SP 800-63B, 3.1.1): no rule about
digits or signs, and nothing that anybody would guess first.
"""

import unicodedata
from itertools import pairwise

from domain.kernel.errors import Invalid

SHORTEST, LONGEST = 10, 256
"""Characters.  Longer ones are refused: a password that is cut is another one."""

FIRST_GUESSES = ("password", "passwort", "playhead", "qwertyuiop", "asdfghjkl", "letmein", "iloveyou", "0123456789")


class PasswordTooWeak(Invalid):
    """Others would guess the password."""

    code = "password_too_weak"


def prepared(password: str) -> str:
    """The password as it is hashed: NFKC, so that every keyboard writes the same one (RFC 8265, 4.2)."""
    return unicodedata.normalize("NFKC", password)


def require_strong(password: str, *, email: str | None = None, field: str = "password") -> None:
    """Raises `PasswordTooWeak`, which names ``field``."""
    written = prepared(password)
    if not SHORTEST <= len(written) <= LONGEST:
        raise PasswordTooWeak(f"a password has {SHORTEST} to {LONGEST} characters", field=field)
    if _is_guessed_first(written.casefold(), email.casefold() if email else ""):
        raise PasswordTooWeak("this password is among the first that others would try", field=field)


def _is_guessed_first(password: str, email: str) -> bool:
    """Whether it is a known word, the address, a run or a repetition, whatever digits and signs stand around."""
    core = password.strip("0123456789!?.,;:-_+*#$%&@ ")
    words = {*FIRST_GUESSES, email, email.partition("@")[0]} - {""}
    steps = {ord(after) - ord(before) for before, after in pairwise(password)}
    repeats = any(password == (password[:length] * len(password))[: len(password)] for length in (1, 2, 3))
    return repeats or steps in ({1}, {-1}) or password in words or core in words or len(core) < 3  # noqa: PLR2004 # all digits, nearly
