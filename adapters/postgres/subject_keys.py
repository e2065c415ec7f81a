"""The keys that personal data is sealed with: one for each subject, destroyed to erase them.

AES-256-GCM both ways: a subject's key seals the subject's values, the master
key wraps the subject's key, so the table alone opens nothing.
"""

import secrets
import time
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from adapters.postgres.arrays import byteas, uuids

KEY_BYTES = 32
NONCE_BYTES = 12
FORM = b"\x01"
"""First byte of every sealed value: how it was sealed, should that ever change."""

CACHE_SECONDS = 60.0
"""How long a process may go on using a key that another process destroyed."""

CACHE_SIZE = 20_000

ADD = """
INSERT INTO vault.subject_keys (subject_id, wrapped)
SELECT * FROM unnest(%s, %s) ON CONFLICT (subject_id) DO NOTHING
"""
FIND = "SELECT subject_id, wrapped FROM vault.subject_keys WHERE subject_id = ANY(%s)"


class KeyNotLoaded(Exception):
    """A value was to be sealed before its subject's key was made: a bug of the caller."""


class MasterKeyWrong(Exception):
    """The master key does not open the keys in the database: it is another platform's."""


class SubjectKeys:
    """Seals and opens values; keys are fetched first, in batches, so that sealing itself never waits."""

    def __init__(self, pool: AsyncConnectionPool[AsyncConnection[Any]], master_key: str) -> None:
        self._pool = pool
        self._master = AESGCM(bytes.fromhex(master_key))
        self._cached: dict[UUID, tuple[AESGCM, float]] = {}

    async def ensure(self, subjects: Iterable[UUID]) -> None:
        """Make and load the keys of ``subjects``; those that exist are kept."""
        if not (absent := self._not_cached(subjects)):
            return
        wrapped = [self._wrap(subject) for subject in absent]
        async with self._pool.connection() as connection:
            await connection.execute(ADD, (uuids(absent), byteas(wrapped)))
        await self._fetch(absent)

    async def load(self, subjects: Iterable[UUID]) -> None:
        """Load the keys of ``subjects``; the values of those that have none are erased."""
        if absent := self._not_cached(subjects):
            await self._fetch(absent)

    def seal(self, subject: UUID, value: bytes, *, context: bytes) -> bytes:
        """Encrypt; ``context`` (the event and the field) must be given again to open.  Raises `KeyNotLoaded`."""
        if subject not in self._cached:
            raise KeyNotLoaded(str(subject))
        nonce = secrets.token_bytes(NONCE_BYTES)
        return FORM + nonce + self._cached[subject][0].encrypt(nonce, value, context)

    def open(self, subject: UUID, sealed: bytes, *, context: bytes) -> bytes | None:
        """Decrypt; None if the key was destroyed or made anew since."""
        if subject not in self._cached:
            return None
        nonce, body = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
        try:
            return self._cached[subject][0].decrypt(nonce, body, context)
        except InvalidTag:
            return None

    def _not_cached(self, subjects: Iterable[UUID]) -> list[UUID]:
        now = time.monotonic()
        if len(self._cached) > CACHE_SIZE:
            self._cached.clear()
        asked = set(subjects)
        for subject in asked:
            if subject in self._cached and self._cached[subject][1] < now:
                del self._cached[subject]
        return [subject for subject in asked if subject not in self._cached]

    async def _fetch(self, subjects: Sequence[UUID]) -> None:
        expires = time.monotonic() + CACHE_SECONDS
        async with self._pool.connection() as connection, connection.cursor(binary=True) as cursor:
            await cursor.execute(FIND, (uuids(subjects),))
            for subject, wrapped in await cursor.fetchall():
                self._cached[subject] = (self._unwrap(subject, wrapped), expires)

    def _wrap(self, subject: UUID) -> bytes:
        nonce = secrets.token_bytes(NONCE_BYTES)
        return FORM + nonce + self._master.encrypt(nonce, secrets.token_bytes(KEY_BYTES), subject.bytes)

    def _unwrap(self, subject: UUID, wrapped: bytes) -> AESGCM:
        try:
            return AESGCM(self._master.decrypt(wrapped[1 : 1 + NONCE_BYTES], wrapped[1 + NONCE_BYTES :], subject.bytes))
        except InvalidTag as wrong:
            raise MasterKeyWrong("PLAYHEAD_MASTER_KEY does not belong to this database") from wrong
