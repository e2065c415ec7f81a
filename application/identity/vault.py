"""What accounts keep beside the log: secrets, and what people are found by.

None of it is ever in an event, a log line or a URL, and all that belongs to a
user can be forgotten at once.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

import msgspec

from domain.identity.session import SessionKind


class PasswordsBusy(Exception):
    """More passwords wait to be checked than may wait; nothing was done."""


class Addresses(Protocol):
    """Which address belongs to whom; an address itself is not kept, only a keyed digest of it."""

    def digest(self, email: str) -> str:
        """The digest, in hex: tells nothing of the address to those without the key."""
        ...

    async def find(self, email: str) -> UUID | None:
        """The user whose address it is."""
        ...

    async def reserve(self, email: str, user_id: UUID) -> UUID:
        """Let the address be ``user_id``'s, unless it is somebody's; returns whose it is."""
        ...


class Credentials(Protocol):
    """Hashes of passwords, by an id that events name; one that no event names counts for nothing."""

    async def add(self, credential_id: UUID, user_id: UUID, password_hash: str) -> None:
        """Keep a hash."""
        ...

    async def find(self, credential_id: UUID) -> str | None:
        """The hash; None if it was forgotten."""
        ...

    async def rehash(self, credential_id: UUID, password_hash: str) -> None:
        """Keep a newer hash of the same password."""
        ...

    async def drop(self, credential_ids: Collection[UUID]) -> None:
        """Drop these, as far as they are there."""
        ...


class PasswordHasher(Protocol):
    """Makes and checks hashes that are meant to be slow.  Raises `PasswordsBusy` at once when too many wait."""

    async def hash(self, password: str) -> str:
        """A salted hash that says how it was made."""
        ...

    async def matches(self, password_hash: str | None, password: str) -> bool:
        """Whether it is the hash of this password; for None it works as hard, and says no."""
        ...

    def is_outdated(self, password_hash: str) -> bool:
        """Whether hashes are made otherwise by now."""
        ...


class Purpose(StrEnum):
    """What a secret of a session is for."""

    BROWSER = "browser"
    ACCESS = "access"
    REFRESH = "refresh"


class Secret(msgspec.Struct, frozen=True, kw_only=True):
    """A secret of a session as it is kept: ``digest`` is the SHA-256 of 256 random bits.

    A refresh token has ``used_at`` from its use on, and is kept until it expires
    so that a second use can be told.
    """

    digest: bytes
    purpose: Purpose
    expires_at: datetime
    used_at: datetime | None = None


class LiveSession(msgspec.Struct, frozen=True, kw_only=True):
    """A session that nobody ended.

    It lives while the account is in ``generation``, until ``idle_at`` if nobody
    uses it, and until ``expires_at`` in any case.
    """

    session_id: UUID
    user_id: UUID
    kind: SessionKind
    generation: int
    opened_at: datetime
    seen_at: datetime
    idle_at: datetime
    expires_at: datetime

    def lives_at(self, now: datetime) -> bool:
        """Whether neither end has come."""
        return now < self.idle_at and now < self.expires_at


class SessionStore(Protocol):
    """The sessions that live, and the digests of their secrets."""

    async def add(self, session: LiveSession, secrets: Sequence[Secret]) -> None:
        """Let a session live."""
        ...

    async def find(self, digest: bytes) -> tuple[LiveSession, Secret] | None:
        """The session that a secret belongs to, and what is known of the secret."""
        ...

    async def renew(self, used: bytes, secrets: Sequence[Secret], *, now: datetime, idle_at: datetime) -> bool:
        """Use up a refresh token for new secrets; False, and nothing done, if somebody has used it before."""
        ...

    async def seen(self, session_id: UUID, *, now: datetime, idle_at: datetime) -> None:
        """Note that the session is in use."""
        ...

    async def carry_over(self, session_id: UUID, generation: int) -> None:
        """Let a session live in another generation of its account."""
        ...

    async def of_user(
        self, user_id: UUID, *, generation: int, limit: int, before: UUID | None
    ) -> Sequence[LiveSession]:
        """A user's sessions, the one opened last first, those opened before ``before``."""
        ...

    async def drop(self, session_id: UUID) -> bool:
        """End a session, with all its secrets; whether it lived."""
        ...

    async def drop_all(self, user_id: UUID, *, but: UUID | None = None) -> Sequence[UUID]:
        """End a user's sessions, all but one; returns which."""
        ...


class Vault(Protocol):
    """All of this together, for those who must empty it."""

    async def forget(self, user_id: UUID) -> Sequence[UUID]:
        """Drop all that is kept of a user; returns the sessions that this ended.  Repeatable."""
        ...

    async def sweep(self, now: datetime) -> int:
        """Drop sessions and secrets that have expired; returns how many rows."""
        ...
