"""API keys: handed out, shown once, revoked; and the question who the bearer of one is."""

import asyncio
import hashlib
import hmac
import secrets
from base64 import b32decode, b32encode
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

import msgspec

from application.actor import Actor, Once, ScopeMissing
from application.ports import Clock, EventLog
from application.repository import Receipt, Repository
from domain.identity import api_key as api_keys
from domain.identity.api_key import PERSONAL_SCOPES, ApiKey, ApiKeyEvent, ApiKeyNotFound, Scope
from domain.kernel.errors import Forbidden
from domain.kernel.ids import uuid7
from domain.kernel.personal import Personal

KEY_PREFIX = "ph"
SECRET_BYTES = 32


class SessionNeeded(Forbidden):
    """Only somebody who has signed in may do this: a key that was stolen must not make others."""

    code = "session_needed"


class KeySeeds(Protocol):
    """What a call that takes effect once makes its key of, so that its repetition can show it again."""

    def seed(self, once: Once) -> tuple[UUID, bytes]:
        """The key's id and its secret (32 bytes): the same for the same call, and to be guessed by nobody."""
        ...


class KeyUses(Protocol):
    """When keys were last used, to the minute; a process that falls may forget the last half minute."""

    def note(self, key_id: UUID, user_id: UUID | None, at: datetime) -> None:
        """Note a use; written a little later."""
        ...


class IssueApiKey(msgspec.Struct, frozen=True, kw_only=True):
    """Hand out a key; ``user_id`` goes with the scopes ``user`` and ``creator``, and with no other."""

    scope: Scope
    label: str
    user_id: UUID | None = None
    expires_at: datetime | None = None


class IssuedApiKey(msgspec.Struct, frozen=True, kw_only=True):
    """The one time that ``key`` is seen; only a digest of it is kept."""

    key_id: UUID
    key: str
    receipt: Receipt

    def __repr__(self) -> str:
        return f"IssuedApiKey({self.key_id})"


class ApiKeys:
    """Users make keys for themselves, as far as they may do what the keys do; admins make any."""

    def __init__(self, log: EventLog, clock: Clock, seeds: KeySeeds) -> None:
        self._clock = clock
        self._seeds = seeds
        self._keys: Repository[ApiKey, ApiKeyEvent] = Repository(
            log, api_keys.evolve, missing=ApiKeyNotFound, clock=clock
        )

    async def issue(self, command: IssueApiKey, by: Actor) -> IssuedApiKey:
        """Make a key and show it.

        A call that takes effect once shows the same key when it is repeated; any
        other makes another.  Raises `NotThisUser`, `ScopeMissing`, `SessionNeeded`
        and `ScopeNeedsUser`.
        """
        _require_issuer(command, by)
        key_id, secret = self._seeds.seed(by.call.once) if by.call.once else self._random()
        receipt = await self._keys.begin(
            key_id,
            lambda key: api_keys.issue(
                key,
                scope=command.scope,
                digest=_digest(secret),
                label=command.label,
                user_id=command.user_id,
                expires_at=command.expires_at,
            ),
            by=by,
            subject_id=command.user_id or key_id,
        )
        return IssuedApiKey(key_id=key_id, key=_written(key_id, secret), receipt=receipt)

    async def revoke(self, key_id: UUID, by: Actor) -> Receipt:
        """Close a key for good.  Raises `ApiKeyNotFound`, also for keys of others, unless an admin asks."""
        return await self._keys.change(key_id, lambda key: api_keys.revoke(_own(key, by)), by=by)

    async def labels(self, key_ids: Sequence[UUID]) -> Sequence[Personal[str]]:
        """What keys are for, in the order asked."""
        return [key.label for key in await asyncio.gather(*(self._keys.get(key_id) for key_id in key_ids))]

    async def bearer(self, key: str) -> tuple[UUID, ApiKey] | None:
        """The key's id and what it may do; None for one that opens nothing, whatever the cause.

        Asks the key's own stream, so a revocation counts at once.
        """
        if (parts := _read(key)) is None:
            return None
        key_id, secret = parts
        try:
            state = await self._keys.get(key_id)
        except ApiKeyNotFound:
            return None
        matches = hmac.compare_digest(state.digest, _digest(secret))
        return (key_id, state) if matches and state.opens_at(self._clock()) else None

    def _random(self) -> tuple[UUID, bytes]:
        return uuid7(self._clock()), secrets.token_bytes(SECRET_BYTES)


def _require_issuer(command: IssueApiKey, by: Actor) -> None:
    if by.scope is Scope.ADMIN:
        return
    if command.scope not in PERSONAL_SCOPES or by.user_id is None:
        raise ScopeMissing("only admins hand out keys that act for others")
    if command.user_id is not None:
        by.require_self(command.user_id)
    if command.scope is Scope.CREATOR:
        by.require_creator()
    if by.session_id is None:
        raise SessionNeeded("sign in to make a key: a key cannot make others")


def _own(key: ApiKey, by: Actor) -> ApiKey:
    if by.scope is not Scope.ADMIN and (key.user_id is None or key.user_id != by.user_id):
        raise ApiKeyNotFound("there is no such key")
    return key


def _digest(secret: bytes) -> str:
    return hashlib.sha256(secret).hexdigest()


def _written(key_id: UUID, secret: bytes) -> str:
    return f"{KEY_PREFIX}_{key_id.hex}_{b32encode(secret).decode().rstrip('=').lower()}"


def _read(key: str) -> tuple[UUID, bytes] | None:
    prefix, _, rest = key.partition("_")
    key_id, _, secret = rest.partition("_")
    padding = "=" * (-len(secret) % 8)
    try:
        return (UUID(hex=key_id), b32decode(secret.upper() + padding)) if prefix == KEY_PREFIX else None
    except ValueError:  # binascii.Error is one
        return None
