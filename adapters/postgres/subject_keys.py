"""The keys that personal data is sealed with: one for each subject, destroyed to erase them.

AES-256-GCM both ways: a subject's key seals the subject's values, the master
key wraps the subject's key, so the table alone opens nothing.  A subject whose
key was destroyed gets no other: what is still sealed for them is sealed with a
key that nobody keeps.
"""

import hmac
import secrets
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from adapters.derived_keys import derived_key
from adapters.postgres.arrays import byteas, uuids

KEY_BYTES = 32
NONCE_BYTES = 12
FORM = b"\x01"
"""First byte of every sealed value: how it was sealed, should that ever change."""

CACHE_SECONDS = 10.0
"""How long a process may go on using a key that another process destroyed, if nobody tells it; see `forget`."""

CACHE_SIZE = 20_000

ADD = """
INSERT INTO vault.subject_keys (subject_id, wrapped)
SELECT * FROM unnest(%s, %s) ON CONFLICT (subject_id) DO NOTHING RETURNING subject_id, wrapped
"""
FIND = "SELECT subject_id, wrapped FROM vault.subject_keys WHERE subject_id = ANY(%s)"
DESTROY = """
INSERT INTO vault.subject_keys AS kept (subject_id, wrapped, destroyed_at) VALUES (%s, NULL, clock_timestamp())
ON CONFLICT (subject_id) DO UPDATE SET wrapped = NULL, destroyed_at = EXCLUDED.destroyed_at
WHERE kept.wrapped IS NOT NULL
"""
KNOWN = "SELECT wrapped IS NOT NULL FROM vault.subject_keys WHERE subject_id = %s"
TO_SHRED = "SELECT subject_id FROM vault.subject_keys WHERE wrapped IS NULL AND NOT shredded"
SHRED = "VACUUM vault.subject_keys"
SHREDDED = "UPDATE vault.subject_keys SET shredded = true WHERE subject_id = ANY(%s)"


class KeyNotLoaded(Exception):
    """A value was to be sealed before its subject's key was made: a bug of the caller."""


class MasterKeyWrong(Exception):
    """The master key does not open the keys in the database: it is another platform's."""


class SubjectKeys:
    """Seals and opens values; keys are fetched first, in batches, so that sealing itself never waits.

    ``destroyed`` is called with each subject whose key is destroyed here, to
    tell other processes, which then `forget` it.
    """

    def __init__(
        self,
        pool: AsyncConnectionPool[AsyncConnection[Any]],
        master_key: str,
        *,
        destroyed: Callable[[UUID], None] = lambda _: None,
    ) -> None:
        self._pool = pool
        self._master = AESGCM(bytes.fromhex(master_key))
        self._comparing = derived_key(master_key, "calls")
        self._destroyed = destroyed
        self._cached: dict[UUID, tuple[AESGCM | None, float]] = {}

    def comparable(self, value: bytes) -> bytes:
        """32 bytes that stand for ``value`` where it is compared: without the master key no guess can be tried."""
        return hmac.digest(self._comparing, value, "sha256")

    async def ensure(self, subjects: Iterable[UUID]) -> None:
        """Make and load the keys of ``subjects``; those that exist, or were destroyed, are kept as they are."""
        self._make_room()
        if not (absent := self._not_cached(subjects)):
            return
        await self._fetch(absent)
        if absent := self._not_cached(absent):
            await self._make(absent)
        if overtaken := self._not_cached(absent):
            await self._fetch(overtaken)

    async def load(self, subjects: Iterable[UUID]) -> None:
        """Load the keys of ``subjects``; the values of those that have none are erased."""
        self._make_room()
        if absent := self._not_cached(subjects):
            await self._fetch(absent)

    def seal(self, subject: UUID, value: bytes, *, context: bytes) -> bytes:
        """Encrypt; ``context`` (the event and the field) must be given again to open.  Raises `KeyNotLoaded`."""
        if subject not in self._cached:
            raise KeyNotLoaded(str(subject))
        key = self._cached[subject][0] or AESGCM(secrets.token_bytes(KEY_BYTES))
        nonce = secrets.token_bytes(NONCE_BYTES)
        return FORM + nonce + key.encrypt(nonce, value, context)

    def open(self, subject: UUID, sealed: bytes, *, context: bytes) -> bytes | None:
        """Decrypt; None if the key was destroyed."""
        key, _ = self._cached.get(subject, (None, 0))
        if key is None:
            return None
        nonce, body = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
        try:
            return key.decrypt(nonce, body, context)
        except InvalidTag:
            return None

    async def known(self, subject: UUID) -> bool | None:
        """Whether the subject's values can be opened; None if none was ever sealed."""
        async with self._pool.connection() as connection:
            row = await (await connection.execute(KNOWN, (subject,))).fetchone()
        return None if row is None else row[0]

    async def destroy(self, subject: UUID) -> None:
        """Make all that is sealed for ``subject`` unreadable, for good and for everybody.  May be repeated.

        Other processes hear of it at once, or find out within `CACHE_SECONDS`.
        """
        async with self._pool.connection() as connection:
            await connection.execute(DESTROY, (subject,))
        self.forget(subject)
        self._destroyed(subject)

    async def shred(self) -> None:
        """Clear away the rows that destroyed keys were in: until then they lie in the table's file.

        Takes as long as reading the table does (0.4 s for a million keys on two
        cores), and keeps nobody from it.  May be repeated.
        """
        async with self._pool.connection() as connection:
            if destroyed := [subject for (subject,) in await (await connection.execute(TO_SHRED)).fetchall()]:
                await connection.execute(SHRED)
                await connection.execute(SHREDDED, (uuids(destroyed),))

    def forget(self, subject: UUID) -> None:
        """Use the subject's key no more: another process has destroyed it."""
        self._cached[subject] = (None, time.monotonic() + CACHE_SECONDS)

    def _make_room(self) -> None:
        if len(self._cached) > CACHE_SIZE:
            self._cached.clear()

    def _not_cached(self, subjects: Iterable[UUID]) -> list[UUID]:
        now = time.monotonic()
        asked = set(subjects)
        for subject in asked:
            if subject in self._cached and self._cached[subject][1] < now:
                del self._cached[subject]
        return [subject for subject in asked if subject not in self._cached]

    async def _fetch(self, subjects: Sequence[UUID]) -> None:
        async with self._pool.connection() as connection, connection.cursor(binary=True) as cursor:
            await cursor.execute(FIND, (uuids(subjects),))
            self._keep(await cursor.fetchall())

    async def _make(self, subjects: Sequence[UUID]) -> None:
        wrapped = [self._wrap(subject) for subject in subjects]
        async with self._pool.connection() as connection, connection.cursor(binary=True) as cursor:
            await cursor.execute(ADD, (uuids(subjects), byteas(wrapped)))
            self._keep(await cursor.fetchall())

    def _keep(self, rows: Iterable[tuple[UUID, bytes | None]]) -> None:
        expires = time.monotonic() + CACHE_SECONDS
        for subject, wrapped in rows:
            if subject not in self._cached:  # one that was destroyed while it was fetched stays destroyed
                self._cached[subject] = (None if wrapped is None else self._unwrap(subject, wrapped), expires)

    def _wrap(self, subject: UUID) -> bytes:
        nonce = secrets.token_bytes(NONCE_BYTES)
        return FORM + nonce + self._master.encrypt(nonce, secrets.token_bytes(KEY_BYTES), subject.bytes)

    def _unwrap(self, subject: UUID, wrapped: bytes) -> AESGCM:
        try:
            return AESGCM(self._master.decrypt(wrapped[1 : 1 + NONCE_BYTES], wrapped[1 + NONCE_BYTES :], subject.bytes))
        except InvalidTag as wrong:
            raise MasterKeyWrong("PLAYHEAD_MASTER_KEY does not belong to this database") from wrong
