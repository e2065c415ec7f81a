"""Which API keys there are, and which of them are whose.

Follows the identity log.  Labels are not here: a user's own words are read from
the key's stream, where they can be erased.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

import msgspec
from msgspec.structs import replace

from domain.identity.api_key import ApiKeyIssued, ApiKeyRevoked, Scope
from domain.kernel.event import Fact


class KeyPatch(msgspec.Struct, frozen=True, kw_only=True):
    """What some facts make of one key: None leaves what was there."""

    user_id: UUID | None = None
    scope: Scope | None = None
    issued_at: datetime | None = None
    expires_at: datetime | None = None
    revoked_at: datetime | None = None


class KeyRow(msgspec.Struct, frozen=True, kw_only=True):
    """One key; ``used_at`` is exact to the minute, and None for one that was never used."""

    key_id: UUID
    user_id: UUID | None
    scope: Scope
    issued_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    used_at: datetime | None


class ApiKeysView(Protocol):
    """The question that this read model answers."""

    async def issued(
        self, *, user_id: UUID | None, limit: int, before: tuple[datetime, UUID] | None = None
    ) -> Sequence[KeyRow]:
        """Keys, the one issued last first: a user's, or all without one.

        ``before`` is ``(issued_at, key_id)`` of the last row of the page before.
        """
        ...


class ApiKeys:
    """One row for each key."""

    name = "api_keys"
    version = 1
    logs = ("identity",)
    bare = False

    def fold(self, facts: Sequence[Fact[Any]]) -> Mapping[UUID, KeyPatch]:
        """At most one patch for each key."""
        patches: dict[UUID, KeyPatch] = {}
        for fact in facts:
            match fact.event:
                case ApiKeyIssued() as key:
                    patches[fact.stream_id] = KeyPatch(
                        user_id=key.user_id, scope=key.scope, issued_at=fact.recorded_at, expires_at=key.expires_at
                    )
                case ApiKeyRevoked():
                    before = patches.get(fact.stream_id) or KeyPatch()
                    patches[fact.stream_id] = replace(before, revoked_at=fact.recorded_at)
                case _:
                    pass
        return patches
