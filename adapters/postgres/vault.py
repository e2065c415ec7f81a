"""What accounts keep beside the log: addresses as digests, passwords as hashes; and the end of all of it.

The tables are made by ``migrations/0005_accounts.sql``.
"""

import hmac
from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from adapters.derived_keys import derived_key
from adapters.postgres.log import Pool
from domain.identity.email import normalised

FIND_ADDRESS = "SELECT user_id FROM vault.email_addresses WHERE digest = %s"
# An update that changes nothing, so that the row that was there is returned too.
RESERVE = """
INSERT INTO vault.email_addresses (digest, user_id) VALUES (%s, %s)
ON CONFLICT (digest) DO UPDATE SET digest = EXCLUDED.digest RETURNING user_id
"""
ADD_CREDENTIAL = "INSERT INTO vault.credentials (credential_id, user_id, hash) VALUES (%s, %s, %s)"
FIND_CREDENTIAL = "SELECT hash FROM vault.credentials WHERE credential_id = %s"
REHASH = "UPDATE vault.credentials SET hash = %s WHERE credential_id = %s"
DROP_CREDENTIALS = "DELETE FROM vault.credentials WHERE credential_id = ANY(%s)"
FORGET_SESSIONS = "DELETE FROM vault.sessions WHERE user_id = %s RETURNING session_id"
FORGET = (
    "DELETE FROM vault.email_addresses WHERE user_id = %s",
    "DELETE FROM vault.credentials WHERE user_id = %s",
    "DELETE FROM vault.key_uses WHERE user_id = %s",
)
SWEEP = (
    "DELETE FROM vault.session_secrets WHERE expires_at <= %s",
    "DELETE FROM vault.sessions WHERE least(idle_at, expires_at) <= %s",
)


class PostgresAddresses:
    """`Addresses`, by HMAC-SHA256 of the normalised address under a key derived from the master key.

    A plain digest would let whoever copies the table try addresses one by one.
    """

    def __init__(self, pool: Pool, master_key: str) -> None:
        self._pool = pool
        self._key = derived_key(master_key, "email-addresses")

    def digest(self, email: str) -> str:
        """See `Addresses`."""
        return self._digest(email).hex()

    async def find(self, email: str) -> UUID | None:
        """See `Addresses`."""
        async with self._pool.connection() as connection:
            row = await (await connection.execute(FIND_ADDRESS, (self._digest(email),))).fetchone()
        return row[0] if row else None

    async def reserve(self, email: str, user_id: UUID) -> UUID:
        """See `Addresses`."""
        async with self._pool.connection() as connection:
            row = await (await connection.execute(RESERVE, (self._digest(email), user_id))).fetchone()
        assert row is not None, "an upsert returns its row"
        return row[0]

    def _digest(self, email: str) -> bytes:
        return hmac.digest(self._key, normalised(email).encode(), "sha256")


class PostgresCredentials:
    """`Credentials`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def add(self, credential_id: UUID, user_id: UUID, password_hash: str) -> None:
        """See `Credentials`."""
        async with self._pool.connection() as connection:
            await connection.execute(ADD_CREDENTIAL, (credential_id, user_id, password_hash))

    async def find(self, credential_id: UUID) -> str | None:
        """See `Credentials`."""
        async with self._pool.connection() as connection:
            row = await (await connection.execute(FIND_CREDENTIAL, (credential_id,))).fetchone()
        return row[0] if row else None

    async def rehash(self, credential_id: UUID, password_hash: str) -> None:
        """See `Credentials`."""
        async with self._pool.connection() as connection:
            await connection.execute(REHASH, (password_hash, credential_id))

    async def drop(self, credential_ids: Collection[UUID]) -> None:
        """See `Credentials`."""
        async with self._pool.connection() as connection:
            await connection.execute(DROP_CREDENTIALS, (list(credential_ids),))


class PostgresVault:
    """`Vault`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def forget(self, user_id: UUID) -> Sequence[UUID]:
        """See `Vault`; all or nothing."""
        async with self._pool.connection() as connection, connection.transaction():
            ended = await (await connection.execute(FORGET_SESSIONS, (user_id,))).fetchall()
            for statement in FORGET:
                await connection.execute(statement, (user_id,))
        return [session_id for (session_id,) in ended]

    async def sweep(self, now: datetime) -> int:
        """See `Vault`."""
        async with self._pool.connection() as connection:
            return sum([(await connection.execute(statement, (now,))).rowcount for statement in SWEEP])
