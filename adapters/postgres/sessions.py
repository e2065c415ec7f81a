"""The sessions that live, and the digests of their secrets; made by ``migrations/0005_accounts.sql``."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from adapters.postgres.log import Pool
from application.identity.vault import LiveSession, Purpose, Secret
from domain.identity.session import SessionKind

ADD = """
INSERT INTO vault.sessions (session_id, user_id, kind, generation, opened_at, seen_at, idle_at, expires_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
"""
ADD_SECRETS = """
INSERT INTO vault.session_secrets (digest, session_id, purpose, expires_at)
SELECT digest, %s, purpose, expires_at FROM unnest(%s::bytea[], %s::text[], %s::timestamptz[])
    AS new (digest, purpose, expires_at)
"""
FIND = """
SELECT session_id, user_id, kind, generation, opened_at, seen_at, idle_at, s.expires_at,
    purpose, secret.expires_at, used_at
FROM vault.session_secrets secret JOIN vault.sessions s USING (session_id) WHERE digest = %s
"""
# One statement: of those who use the same token at once, the row lets one through, and no fall leaves it half done.
RENEW = """
WITH used AS (
    UPDATE vault.session_secrets SET used_at = %(now)s
    WHERE digest = %(used)s AND used_at IS NULL RETURNING session_id
), seen AS (
    UPDATE vault.sessions s SET seen_at = %(now)s, idle_at = %(idle_at)s FROM used WHERE s.session_id = used.session_id
)
INSERT INTO vault.session_secrets (digest, session_id, purpose, expires_at)
SELECT digest, session_id, purpose, expires_at
FROM used, unnest(%(digests)s::bytea[], %(purposes)s::text[], %(expiries)s::timestamptz[])
    AS new (digest, purpose, expires_at)
"""
SEEN = "UPDATE vault.sessions SET seen_at = %s, idle_at = %s WHERE session_id = %s"
CARRY_OVER = "UPDATE vault.sessions SET generation = %s WHERE session_id = %s"
OF_USER = """
SELECT session_id, user_id, kind, generation, opened_at, seen_at, idle_at, expires_at
FROM vault.sessions
WHERE user_id = %(user_id)s AND generation = %(generation)s
    AND (%(before)s::uuid IS NULL OR session_id < %(before)s)
ORDER BY session_id DESC LIMIT %(limit)s
"""
DROP = "DELETE FROM vault.sessions WHERE session_id = %s"
DROP_ALL = """
DELETE FROM vault.sessions WHERE user_id = %(user_id)s AND (%(but)s::uuid IS NULL OR session_id <> %(but)s)
RETURNING session_id
"""


class PostgresSessions:
    """`SessionStore`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def add(self, session: LiveSession, secrets: Sequence[Secret]) -> None:
        """See `SessionStore`."""
        row = (
            session.session_id,
            session.user_id,
            str(session.kind),
            session.generation,
            session.opened_at,
            session.seen_at,
            session.idle_at,
            session.expires_at,
        )
        async with self._pool.connection() as connection, connection.transaction():
            await connection.execute(ADD, row)
            await connection.execute(ADD_SECRETS, (session.session_id, *_columns(secrets)))

    async def find(self, digest: bytes) -> tuple[LiveSession, Secret] | None:
        """See `SessionStore`."""
        async with self._pool.connection() as connection:
            row = await (await connection.execute(FIND, (digest,))).fetchone()
        if row is None:
            return None
        *session, purpose, expires_at, used_at = row
        secret = Secret(digest=digest, purpose=Purpose(purpose), expires_at=expires_at, used_at=used_at)
        return _session(*session), secret

    async def renew(self, used: bytes, secrets: Sequence[Secret], *, now: datetime, idle_at: datetime) -> bool:
        """See `SessionStore`."""
        digests, purposes, expiries = _columns(secrets)
        asked = {"used": used, "now": now, "idle_at": idle_at}
        new = {"digests": digests, "purposes": purposes, "expiries": expiries}
        async with self._pool.connection() as connection:
            return (await connection.execute(RENEW, {**asked, **new})).rowcount > 0

    async def seen(self, session_id: UUID, *, now: datetime, idle_at: datetime) -> None:
        """See `SessionStore`."""
        async with self._pool.connection() as connection:
            await connection.execute(SEEN, (now, idle_at, session_id))

    async def carry_over(self, session_id: UUID, generation: int) -> None:
        """See `SessionStore`."""
        async with self._pool.connection() as connection:
            await connection.execute(CARRY_OVER, (generation, session_id))

    async def of_user(
        self, user_id: UUID, *, generation: int, limit: int, before: UUID | None
    ) -> Sequence[LiveSession]:
        """See `SessionStore`."""
        asked = {"user_id": user_id, "generation": generation, "limit": limit, "before": before}
        async with self._pool.connection() as connection:
            rows = await (await connection.execute(OF_USER, asked)).fetchall()
        return [_session(*row) for row in rows]

    async def drop(self, session_id: UUID) -> bool:
        """See `SessionStore`."""
        async with self._pool.connection() as connection:
            return (await connection.execute(DROP, (session_id,))).rowcount > 0

    async def drop_all(self, user_id: UUID, *, but: UUID | None = None) -> Sequence[UUID]:
        """See `SessionStore`."""
        async with self._pool.connection() as connection:
            rows = await (await connection.execute(DROP_ALL, {"user_id": user_id, "but": but})).fetchall()
        return [session_id for (session_id,) in rows]


def _columns(secrets: Sequence[Secret]) -> tuple[list[bytes], list[str], list[datetime]]:
    return (
        [secret.digest for secret in secrets],
        [str(secret.purpose) for secret in secrets],
        [secret.expires_at for secret in secrets],
    )


def _session(session_id: UUID, user_id: UUID, kind: str, generation: int, *times: Any) -> LiveSession:
    opened_at, seen_at, idle_at, expires_at = times
    return LiveSession(
        session_id=session_id,
        user_id=user_id,
        kind=SessionKind(kind),
        generation=generation,
        opened_at=opened_at,
        seen_at=seen_at,
        idle_at=idle_at,
        expires_at=expires_at,
    )
