"""The read model of ``projections/api_keys.py``."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from psycopg import AsyncCursor

from adapters.postgres.arrays import uuids
from adapters.postgres.read_model import PostgresReadModel
from domain.identity.api_key import Scope
from projections.api_keys import ApiKeys, KeyPatch, KeyRow

WRITE = """
INSERT INTO {api_keys} AS k (key_id, user_id, scope, issued_at, expires_at, revoked_at)
SELECT * FROM unnest(%s, %s, %s::text[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[])
ON CONFLICT (key_id) DO UPDATE SET
    user_id    = coalesce(EXCLUDED.user_id, k.user_id),
    scope      = coalesce(EXCLUDED.scope, k.scope),
    issued_at  = coalesce(EXCLUDED.issued_at, k.issued_at),
    expires_at = coalesce(EXCLUDED.expires_at, k.expires_at),
    revoked_at = coalesce(EXCLUDED.revoked_at, k.revoked_at)
"""
# When keys were used is noted beside the log, by adapters/postgres/key_uses.py.
ISSUED = """
SELECT key_id, k.user_id, scope, issued_at, expires_at, revoked_at, used_at
FROM read.api_keys k LEFT JOIN vault.key_uses USING (key_id)
WHERE (%(user_id)s::uuid IS NULL OR k.user_id = %(user_id)s)
    AND (%(before)s::timestamptz IS NULL OR (issued_at, key_id) < (%(before)s, %(before_id)s))
ORDER BY issued_at DESC, key_id DESC LIMIT %(limit)s
"""


class PostgresApiKeys(PostgresReadModel[Mapping[UUID, KeyPatch]]):
    """An `ApiKeysView`."""

    name = ApiKeys.name
    version = ApiKeys.version
    logs = ApiKeys.logs
    tables: ClassVar[dict[str, str]] = {
        "api_keys": """
            key_id     uuid PRIMARY KEY,
            user_id    uuid,
            scope      text,
            issued_at  timestamptz,
            expires_at timestamptz,
            revoked_at timestamptz
        """
    }
    indexes = (
        "CREATE INDEX ON {api_keys} (user_id, issued_at DESC, key_id DESC)",
        "CREATE INDEX ON {api_keys} (issued_at DESC, key_id DESC)",
    )

    async def write(self, cursor: AsyncCursor[Any], changes: Mapping[UUID, KeyPatch]) -> None:
        """Lay patches over rows; a row begins with the patch that issues its key."""
        columns = (
            uuids(list(changes)),
            uuids([patch.user_id for patch in changes.values()]),
            [patch.scope and str(patch.scope) for patch in changes.values()],
            [patch.issued_at for patch in changes.values()],
            [patch.expires_at for patch in changes.values()],
            [patch.revoked_at for patch in changes.values()],
        )
        await cursor.execute(self.statement(WRITE), columns)

    async def issued(
        self, *, user_id: UUID | None, limit: int, before: tuple[datetime, UUID] | None = None
    ) -> Sequence[KeyRow]:
        """See `ApiKeysView`."""
        last, last_id = before or (None, None)
        asked = {"user_id": user_id, "limit": limit, "before": last, "before_id": last_id}
        async with self._pool.connection() as connection:
            rows = await (await connection.execute(ISSUED, asked)).fetchall()
        return [
            KeyRow(
                key_id=key_id,
                user_id=of_user,
                scope=Scope(scope),
                issued_at=issued_at,
                expires_at=expires_at,
                revoked_at=revoked_at,
                used_at=used_at,
            )
            for key_id, of_user, scope, issued_at, expires_at, revoked_at, used_at in rows
        ]
