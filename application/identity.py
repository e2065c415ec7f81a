"""Commands on users and API keys, and the question who the bearer of a key is."""

import hashlib
import hmac
import secrets
from base64 import b32decode, b32encode
from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from application.actor import Actor
from application.ports import Clock, EventLog
from application.repository import Receipt, Repository
from domain.identity import api_key as api_keys
from domain.identity import user as users
from domain.identity.api_key import ApiKey, ApiKeyEvent, ApiKeyNotFound, Scope
from domain.identity.user import Attributes, User, UserEvent, UserNotFound
from domain.kernel.ids import uuid7

KEY_PREFIX = "ph"
SECRET_BYTES = 32

Word = Annotated[str, Meta(min_length=1, max_length=128)]


class UserAttributes(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What callers and history files may tell of a user; ``country`` is ISO 3166-1 alpha-2."""

    name: Word | None = None
    email: Annotated[str, Meta(max_length=254, pattern=r"^[^@\s]+@[^@\s]+$")] | None = None
    birth_year: Annotated[int, Meta(ge=1850, le=2100)] | None = None
    gender: Word | None = None
    country: Annotated[str, Meta(pattern="^[A-Z]{2}$")] | None = None
    signup_source: Word | None = None

    def attributes(self) -> Attributes:
        """The same, as the domain records it."""
        return Attributes(**{field: getattr(self, field) for field in UserAttributes.__struct_fields__})


class IssueApiKey(msgspec.Struct, frozen=True, kw_only=True):
    """Hand out a key; ``user_id`` goes with scope ``user`` and with no other."""

    scope: Scope
    label: str
    user_id: UUID | None = None
    expires_at: datetime | None = None


class IssuedApiKey(msgspec.Struct, frozen=True, kw_only=True):
    """The one time that ``key`` is seen; only a digest of it is kept."""

    key_id: UUID
    key: str
    position: int


class Identity:
    """The identity context's command handlers."""

    def __init__(self, log: EventLog, clock: Clock) -> None:
        self._clock = clock
        self._users: Repository[User, UserEvent] = Repository(log, users.evolve, missing=UserNotFound, clock=clock)
        self._keys: Repository[ApiKey, ApiKeyEvent] = Repository(
            log, api_keys.evolve, missing=ApiKeyNotFound, clock=clock
        )

    async def register_user(self, user_id: UUID, told: UserAttributes, by: Actor) -> Receipt:
        """Let a user exist; registering again changes nothing.  Raises `NotThisUser`."""
        by.require_self(user_id)
        attributes = told.attributes()
        return await self._users.begin(
            user_id, lambda user: users.register(user, attributes=attributes), by=by, subject_id=user_id
        )

    async def change_user(self, user_id: UUID, told: UserAttributes, by: Actor) -> Receipt:
        """Replace what is known of a user.  Raises `NotThisUser` and `UserNotFound`."""
        by.require_self(user_id)
        attributes = told.attributes()
        return await self._users.change(
            user_id, lambda user: users.change_attributes(user, attributes=attributes), by=by, subject_id=user_id
        )

    async def user(self, user_id: UUID, by: Actor) -> User:
        """What is known of a user, as of now.  Raises `NotThisUser` and `UserNotFound`."""
        user, _ = await self.user_seen(user_id, by)
        return user

    async def user_seen(self, user_id: UUID, by: Actor) -> tuple[User, int]:
        """As `user`, with the version that it is."""
        by.require_self(user_id)
        return await self._users.seen(user_id)

    async def issue_api_key(self, command: IssueApiKey, by: Actor) -> IssuedApiKey:
        """Make a key and show it; each call makes another.  Raises `ScopeMissing` and `ScopeNeedsUser`."""
        by.require(Scope.ADMIN)
        key_id, secret = uuid7(self._clock()), secrets.token_bytes(SECRET_BYTES)
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
        return IssuedApiKey(key_id=key_id, key=_written(key_id, secret), position=receipt.position)

    async def revoke_api_key(self, key_id: UUID, by: Actor) -> Receipt:
        """Close a key for good.  Raises `ScopeMissing` and `ApiKeyNotFound`."""
        by.require(Scope.ADMIN)
        return await self._keys.change(key_id, api_keys.revoke, by=by)

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
