"""The mails that are owed, in ``work.mails``: taken in with the reactor's position, claimed one by one."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, LiteralString
from uuid import UUID

import msgspec
from psycopg import AsyncCursor
from psycopg.rows import dict_row

from adapters.postgres.reactions import PostgresReaction
from application.mails import MailStanding, MailState, PromisedMail, Promises

COLUMNS = """
mail_id, user_id, kind, request_id, promised_at, expires_at, state, attempts, due_at, settled_at, reason
"""
PROMISE = """
INSERT INTO work.mails (mail_id, user_id, kind, request_id, promised_at, expires_at, due_at)
VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (mail_id) DO NOTHING
"""
# Whoever claims moves the mail out of the others' sight for as long as the lease; a claim is known by its attempt.
CLAIM = f"""
UPDATE work.mails SET attempts = attempts + 1, due_at = %(now)s + %(lease)s
WHERE mail_id = (
    SELECT mail_id FROM work.mails WHERE state = 'waiting' AND due_at <= %(now)s
    ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED
)
RETURNING {COLUMNS}
"""  # noqa: S608 # our own constant
SETTLE = """
UPDATE work.mails SET state = %s, settled_at = %s, reason = %s
WHERE mail_id = %s AND state = 'waiting' AND attempts = %s
"""
PUT_OFF = "UPDATE work.mails SET due_at = %s, reason = %s WHERE mail_id = %s AND state = 'waiting' AND attempts = %s"
LIST = f"""
SELECT {COLUMNS} FROM work.mails
WHERE (%(state)s::text IS NULL OR state = %(state)s) AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s)
    AND (%(before)s::uuid IS NULL OR mail_id < %(before)s)
ORDER BY mail_id DESC LIMIT %(limit)s
"""  # noqa: S608 # our own constant
ONE = f"SELECT {COLUMNS} FROM work.mails WHERE mail_id = %(mail_id)s"  # noqa: S608 # our own constant
RETRY = f"""
UPDATE work.mails SET state = 'waiting', settled_at = NULL, reason = NULL, due_at = %(now)s
WHERE mail_id = %(mail_id)s AND state IN ('waiting', 'failed') AND expires_at > %(now)s
RETURNING {COLUMNS}
"""  # noqa: S608 # our own constant
DROP = """
UPDATE work.mails SET state = 'dropped', settled_at = %(now)s, reason = 'the person was erased'
WHERE user_id = %(user_id)s AND state = 'waiting'
"""
OF_USER = "SELECT mail_id FROM work.mails WHERE user_id = %s"
DROPPED = "SELECT mail_id FROM work.mails WHERE mail_id = ANY(%s) AND state = 'dropped'"
WAITING = "SELECT count(*), min(promised_at) FROM work.mails WHERE state = 'waiting'"
SWEEP = "DELETE FROM work.mails WHERE settled_at < %s RETURNING mail_id"


class PostgresMails(PostgresReaction[Sequence[PromisedMail]]):
    """An `Outbox`, and what operators ask of it."""

    name = Promises.name

    async def write(self, cursor: AsyncCursor[Any], changes: Sequence[PromisedMail]) -> None:
        """Owe these mails from now on."""
        rows = [
            (it.mail_id, it.user_id, it.kind, it.request_id, it.promised_at, it.expires_at, it.promised_at)
            for it in changes
        ]
        await cursor.executemany(PROMISE, rows)

    async def claim(self, now: datetime, *, lease: timedelta) -> MailStanding | None:
        """See `Outbox`."""
        return next(iter(await self._standings(CLAIM, {"now": now, "lease": lease})), None)

    async def settle(self, mail: MailStanding, state: MailState, *, now: datetime, reason: str | None = None) -> bool:
        """See `Outbox`."""
        async with self._pool.connection() as connection:
            settled = await connection.execute(SETTLE, (state, now, reason, mail.mail_id, mail.attempts))
        return settled.rowcount == 1

    async def put_off(self, mail: MailStanding, due_at: datetime, *, reason: str) -> None:
        """See `Outbox`."""
        async with self._pool.connection() as connection:
            await connection.execute(PUT_OFF, (due_at, reason, mail.mail_id, mail.attempts))

    async def list(
        self,
        *,
        state: MailState | None = None,
        user_id: UUID | None = None,
        before: UUID | None = None,
        limit: int = 100,
    ) -> Sequence[MailStanding]:
        """Newest first, beginning with the one promised before ``before``."""
        return await self._standings(LIST, {"state": state, "user_id": user_id, "before": before, "limit": limit})

    async def find(self, mail_id: UUID) -> MailStanding | None:
        """See `Outbox`."""
        return next(iter(await self._standings(ONE, {"mail_id": mail_id})), None)

    async def retry(self, mail_id: UUID, *, now: datetime) -> MailStanding | None:
        """See `Outbox`."""
        return next(iter(await self._standings(RETRY, {"mail_id": mail_id, "now": now})), None)

    async def drop(self, user_id: UUID, *, now: datetime) -> Sequence[UUID]:
        """Send this person nothing that is still waiting; returns the ids of all their mails.  May be repeated."""
        async with self._pool.connection() as connection:
            await connection.execute(DROP, {"user_id": user_id, "now": now})
            return [mail_id for (mail_id,) in await (await connection.execute(OF_USER, (user_id,))).fetchall()]

    async def dropped(self, mail_ids: Sequence[UUID]) -> Sequence[UUID]:
        """Those of them that were not to be sent."""
        async with self._pool.connection() as connection:
            return [mail_id for (mail_id,) in await (await connection.execute(DROPPED, (list(mail_ids),))).fetchall()]

    async def waiting(self) -> tuple[int, datetime | None]:
        """How many wait, and since when the first of them."""
        async with self._pool.connection() as connection:
            [(count, since)] = await (await connection.execute(WAITING)).fetchall()
        return count, since

    async def sweep(self, before: datetime) -> Sequence[UUID]:
        """Forget mails that were settled before then; returns their ids."""
        async with self._pool.connection() as connection:
            return [mail_id for (mail_id,) in await (await connection.execute(SWEEP, (before,))).fetchall()]

    async def _standings(self, query: LiteralString, asked: dict[str, Any]) -> Sequence[MailStanding]:
        async with (
            self._pool.connection() as connection,
            connection.cursor(row_factory=dict_row) as cursor,
        ):
            await cursor.execute(query, asked)
            return [msgspec.convert(row, type=MailStanding) for row in await cursor.fetchall()]
