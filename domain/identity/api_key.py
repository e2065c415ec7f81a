"""An API key: shown once, kept as a digest, revoked for good."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import assert_never
from uuid import UUID

import msgspec

from domain.kernel.errors import Conflict, Invalid, NotFound
from domain.kernel.event import Event
from domain.kernel.personal import Personal


class Scope(StrEnum):
    """What the bearer of a key may do."""

    USER = "user"
    """Act as the one user it was issued for."""
    CREATOR = "creator"
    """Act as the one user it was issued for, and make videos."""
    SERVICE = "service"
    """Act for any user of the platform: the key of a back end."""
    AUDITOR = "auditor"
    """Read what auditors read; change nothing."""
    ADMIN = "admin"
    """Operate the platform."""


PERSONAL_SCOPES = frozenset({Scope.USER, Scope.CREATOR})
"""Those of a key that acts for one user."""


# --- events ---------------------------------------------------------------


class ApiKeyIssued(Event, frozen=True, kw_only=True, tag="identity.api_key_issued.v2"):
    """A key was handed out; the stream is the key.

    ``digest`` is the hex SHA-256 of the secret part, which is 256 random bits
    and therefore needs no salt; the secret itself is recorded nowhere.
    ``user_id`` is whom a key of scope ``user`` or ``creator`` acts for.  The
    subject is this user, or else the key itself.
    """

    scope: Scope
    digest: str
    label: Personal[str]
    user_id: UUID | None = None
    expires_at: datetime | None = None


class ApiKeyRevoked(Event, frozen=True, kw_only=True, tag="identity.api_key_revoked"):
    """The key opens nothing any more."""


ApiKeyEvent = ApiKeyIssued | ApiKeyRevoked

# --- errors ---------------------------------------------------------------


class ApiKeyNotFound(NotFound):
    """No key was issued under this id."""

    code = "api_key_not_found"


class ApiKeyIdTaken(Conflict):
    """Another key was issued under this id."""

    code = "api_key_id_taken"


class ScopeNeedsUser(Invalid):
    """A key of scope ``user`` or ``creator`` names its user, and no other scope does."""

    code = "scope_needs_user"


# --- state ----------------------------------------------------------------


class ApiKey(msgspec.Struct, frozen=True, kw_only=True):
    """What is needed to let the bearer in, or not."""

    scope: Scope
    digest: str
    label: Personal[str]
    user_id: UUID | None
    expires_at: datetime | None
    revoked: bool = False

    def opens_at(self, now: datetime) -> bool:
        """Whether the key is neither revoked nor expired; it expires at ``expires_at``, not after it."""
        return not self.revoked and (self.expires_at is None or now < self.expires_at)


def evolve(key: ApiKey | None, event: ApiKeyEvent) -> ApiKey:
    """The key after ``event``."""
    match event:
        case ApiKeyIssued():
            return ApiKey(
                scope=event.scope,
                digest=event.digest,
                label=event.label,
                user_id=event.user_id,
                expires_at=event.expires_at,
            )
        case ApiKeyRevoked():
            assert key is not None, "ApiKeyRevoked before ApiKeyIssued"
            return msgspec.structs.replace(key, revoked=True)
        case _:
            assert_never(event)


# --- decisions ------------------------------------------------------------


def issue(
    key: ApiKey | None,
    *,
    scope: Scope,
    digest: str,
    label: str,
    user_id: UUID | None,
    expires_at: datetime | None,
) -> Sequence[ApiKeyEvent]:
    """Hand out a key; raises `ScopeNeedsUser` and `ApiKeyIdTaken`."""
    if key is not None:
        if key.digest == digest:
            return []
        raise ApiKeyIdTaken("the id belongs to another key")
    if (scope in PERSONAL_SCOPES) != (user_id is not None):
        raise ScopeNeedsUser("a key of scope user or creator, and only such a key, names a user", field="user_id")
    return [ApiKeyIssued(scope=scope, digest=digest, label=label, user_id=user_id, expires_at=expires_at)]


def revoke(key: ApiKey) -> Sequence[ApiKeyEvent]:
    """Close the key for good."""
    return [] if key.revoked else [ApiKeyRevoked()]
