"""``Idempotency-Key``: a call that takes effect once, however often it is sent.

What came of it is kept in the log, in the commit that has its effects; the
answer is made from that again.  Here the header becomes an `Once`, and a call
that is still under way in this process is not begun a second time.  Under way
in another process, it is settled by the log: one of the two takes effect, and
the other is answered as it was.
"""

import hashlib
import re
from collections.abc import Generator
from contextlib import contextmanager

from domain.kernel.errors import Invalid

HEADER = "Idempotency-Key"
FORM = re.compile(r"[\x21-\x7e]{1,255}", re.ASCII)
"""Visible ASCII.  The IETF draft's quotation marks around it are taken as part of it."""

BY_IDS = "idempotent_by_ids"
"""In the ``opt`` of a route that counts each thing once by its own id, and heeds no key."""


class IdempotencyKeyInvalid(Invalid):
    """Not a key that this API takes."""

    code = "idempotency_key_invalid"


class IdempotencyKeyInUse(Exception):
    """The first call with this key is still under way."""


def checked_key(key: str) -> str:
    """The key; raises `IdempotencyKeyInvalid`."""
    if FORM.fullmatch(key) is None:
        raise IdempotencyKeyInvalid("a key has 1 to 255 visible ASCII characters", field=HEADER)
    return key


def key_digest(actor_id: str, key: str) -> bytes:
    """Which call it is: keys of different callers have nothing to do with each other."""
    return _digest(actor_id.encode(), key.encode())


def question_digest(method: str, path: bytes, query: bytes, body: bytes) -> bytes:
    """What is asked for, as it was written."""
    return _digest(method.encode(), path, query, body)


def _digest(*parts: bytes) -> bytes:
    digest = hashlib.sha256()
    for part in parts:  # with its length: no two lists of parts read the same
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.digest()


class CallsUnderWay:
    """The calls with a key that this process is answering."""

    def __init__(self) -> None:
        self._keys: set[bytes] = set()

    @contextmanager
    def alone(self, key: bytes) -> Generator[None]:
        """Let nobody else use ``key`` during the block.  Raises `IdempotencyKeyInUse`."""
        if key in self._keys:
            raise IdempotencyKeyInUse("the first call with this key is still under way")
        self._keys.add(key)
        try:
            yield
        finally:
            self._keys.discard(key)
