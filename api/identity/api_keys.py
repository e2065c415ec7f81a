"""``/api/api-keys``."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Response, delete, get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta

from adapters.composition import System
from api.conventions.auth import ApiRequest
from api.conventions.bearers import Bearers
from api.conventions.cursor import Cursor, Limit, cursor_of, place_of
from api.conventions.min_position import MinPosition, until_known
from api.conventions.problems import problems
from api.conventions.receipts import Accepted, answered, replay_headers
from api.parts import Part
from application.actor import Actor, NotThisUser
from application.identity.api_keys import ApiKeys, IssueApiKey
from domain.identity.api_key import PERSONAL_SCOPES, Scope
from domain.kernel.personal import Erased, Personal
from projections.api_keys import KeyRow

OfUser = Annotated[UUID | None, QueryParameter(description="Whose keys, for admins; without it all keys.")]
Place = tuple[datetime, UUID]
"""The last row of a page: when the key was issued, and its id."""


class NewApiKey(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A key; ``user_id`` goes with the scopes ``user`` and ``creator`` only, and is yours if it is not given."""

    scope: Scope
    label: Annotated[str, Meta(min_length=1, max_length=128)]
    user_id: UUID | None = None
    expires_at: Annotated[datetime, Meta(tz=True)] | None = None


class ShownNewApiKey(msgspec.Struct, frozen=True):
    """A key; this is the only time that ``key`` is shown."""

    id: UUID
    key: str
    position: int


class ShownApiKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key without its secret.

    ``label`` is null once its user was erased; ``used_at`` is exact to the minute
    and up to a minute late.
    """

    id: UUID
    label: str | None
    scope: Scope
    user_id: UUID | None
    issued_at: datetime
    used_at: datetime | None
    expires_at: datetime | None
    revoked_at: datetime | None


class ApiKeyPage(msgspec.Struct, frozen=True):
    """Some keys, the one issued last first; null as ``next_cursor`` says that there are no more."""

    items: Sequence[ShownApiKey]
    next_cursor: str | None


class Keys(Controller):
    """One's own keys, and all of them for admins."""

    path = "/api-keys"
    tags = ("accounts",)

    @post(operation_id="IssueApiKey", summary="Issue an API key", responses=problems(403, 409, 413))
    async def issue_api_key(
        self, request: ApiRequest, data: JSONBody[NewApiKey], api_keys: Part[ApiKeys]
    ) -> Response[ShownNewApiKey]:
        """Make a key and show it, this once.

        Every call makes another, but for one that is repeated with its `Idempotency-Key`: it shows the same key again.
        Users need a session, and make keys that may do what they may.
        """
        user_id = data.user_id or (request.user.user_id if data.scope in PERSONAL_SCOPES else None)
        command = IssueApiKey(scope=data.scope, label=data.label, user_id=user_id, expires_at=data.expires_at)
        issued = await api_keys.issue(command, request.user)
        return Response(
            ShownNewApiKey(issued.key_id, issued.key, issued.receipt.position), headers=replay_headers(issued.receipt)
        )

    @get(operation_id="ListApiKeys", summary="List API keys", responses=problems(403))
    async def list_api_keys(
        self,
        request: ApiRequest,
        system: Part[System],
        api_keys: Part[ApiKeys],
        user_id: OfUser = None,
        limit: Limit = 20,
        cursor: Cursor = None,
        min_position: MinPosition = None,
    ) -> ApiKeyPage:
        """Your keys, revoked ones too; without their secrets, which nobody has but you."""
        before = None if cursor is None else place_of(cursor, Place)
        if request.user.scope is not Scope.ADMIN:
            user_id = _own(user_id, request.user)
        await until_known(system, min_position, system.issued_keys)
        rows = await system.issued_keys.issued(user_id=user_id, limit=limit + 1, before=before)
        last = rows[limit - 1] if len(rows) > limit else None
        labels = await api_keys.labels([row.key_id for row in rows[:limit]])
        return ApiKeyPage(
            [_shown(row, label) for row, label in zip(rows[:limit], labels, strict=True)],
            cursor_of((last.issued_at, last.key_id)) if last else None,
        )

    @delete(
        "/{key_id:uuid}",
        status_code=200,
        operation_id="RevokeApiKey",
        summary="Revoke an API key",
        responses=problems(403, 404, 409, 412),
    )
    async def revoke_api_key(
        self, request: ApiRequest, key_id: FromPath[UUID], api_keys: Part[ApiKeys], bearers: Part[Bearers]
    ) -> Response[Accepted]:
        """Close a key for good.  It may go on opening doors for two seconds at most."""
        receipt = await api_keys.revoke(key_id, request.user)
        bearers.forget_key(key_id)
        return answered(receipt)


def _own(user_id: UUID | None, by: Actor) -> UUID:
    if user_id not in {None, by.themself}:
        raise NotThisUser("the keys of others are listed for admins only")
    return by.themself


def _shown(row: KeyRow, label: Personal[str]) -> ShownApiKey:
    return ShownApiKey(
        id=row.key_id,
        label=None if isinstance(label, Erased) else label,
        scope=row.scope,
        user_id=row.user_id,
        issued_at=row.issued_at,
        used_at=row.used_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
    )
