"""An account: how a user signs in, and what they may be beside a user.

What can happen stands in `domain.identity.account_events`.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import assert_never
from uuid import UUID

import msgspec
from msgspec.structs import replace

from domain.identity.account_events import (
    AccountClosed,
    AccountEvent,
    AccountOpened,
    EmailVerificationAsked,
    EmailVerified,
    PasswordChanged,
    PasswordResetAsked,
    RegistrationRepeated,
    Role,
    RoleGranted,
    RoleRevoked,
    SignedOutEverywhere,
)
from domain.identity.api_key import Scope
from domain.kernel.errors import Conflict, Invalid, NotFound
from domain.kernel.ids import derived
from domain.kernel.personal import Erased, Personal

VERIFICATION_LASTS = timedelta(hours=24)
RESET_LASTS = timedelta(hours=1)

# --- errors ---------------------------------------------------------------


class AccountNotFound(NotFound):
    """The user has no account."""

    code = "account_not_found"


class AccountIsClosed(Conflict):
    """The account was closed, for good."""

    code = "account_closed"


class AccountNotVerified(Conflict):
    """Nobody has proved the address of the account."""

    code = "account_not_verified"


class LinkInvalid(Invalid):
    """The link was used, has expired, or was overtaken by a newer one; which of these is not told."""

    code = "link_invalid"

    def __init__(self) -> None:
        super().__init__("this link does not work any more: ask for another", field="token")


# --- state ----------------------------------------------------------------


class Link(msgspec.Struct, frozen=True):
    """The last link of its kind that was promised and not used."""

    request_id: UUID
    expires_at: datetime

    def works_for(self, request_id: UUID, now: datetime) -> bool:
        """Whether it is the link of this request; it expires at ``expires_at``, not after it."""
        return self.request_id == request_id and now < self.expires_at


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """What sign-in and later decisions need to know.

    ``generation`` counts how often all sessions were ended: a session lives only
    in the generation it was begun in, so the event itself ends them.
    """

    user_id: UUID
    email: Personal[str]
    credential_id: UUID
    verified: bool = False
    verification: Link | None = None
    reset: Link | None = None
    repeated: UUID | None = None
    roles: frozenset[Role] = frozenset()
    generation: int = 0
    closed: bool = False

    @property
    def address(self) -> str | None:
        """Where mails go; None once the user was erased."""
        return None if isinstance(self.email, Erased) else self.email

    @property
    def scope(self) -> Scope:
        """What a session may do: the scope of the highest role, each of which includes those below."""
        for role in (Role.ADMIN, Role.AUDITOR, Role.CREATOR):
            if role in self.roles:
                return Scope(role)
        return Scope.USER


def account_stream(user_id: UUID) -> UUID:
    """The stream of a user's account."""
    return derived("account", user_id)


def evolve(account: Account | None, event: AccountEvent) -> Account:  # noqa: C901, PLR0911 - one case for each event
    """The account after ``event``."""
    if isinstance(event, AccountOpened):
        return Account(user_id=event.user_id, email=event.email, credential_id=event.credential_id)
    assert account is not None, f"{type(event).__name__} before AccountOpened"
    match event:
        case RegistrationRepeated():
            return replace(account, repeated=event.request_id)
        case EmailVerificationAsked():
            return replace(account, verification=Link(event.request_id, event.expires_at))
        case EmailVerified():
            return replace(account, verified=True, verification=None)
        case PasswordResetAsked():
            return replace(account, reset=Link(event.request_id, event.expires_at))
        case PasswordChanged():
            generation = account.generation + 1
            return replace(account, credential_id=event.credential_id, reset=None, generation=generation)
        case SignedOutEverywhere():
            return replace(account, generation=account.generation + 1)
        case RoleGranted():
            return replace(account, roles=account.roles | {event.role})
        case RoleRevoked():
            return replace(account, roles=account.roles - {event.role})
        case AccountClosed():
            generation = account.generation + 1
            return replace(account, closed=True, verification=None, reset=None, generation=generation)
        case _:
            assert_never(event)


# --- decisions ------------------------------------------------------------


def register(
    account: Account | None, *, user_id: UUID, email: str, credential_id: UUID, request_id: UUID, now: datetime
) -> Sequence[AccountEvent]:
    """Open an account, or promise the owner of the one that is there a mail.

    As long as nobody has proved the address, the last who registers with it
    chooses the password: else a stranger could register first and wait until the
    owner follows the link.  Raises `AccountIsClosed`.
    """
    asked = EmailVerificationAsked(request_id=request_id, expires_at=now + VERIFICATION_LASTS)
    if account is None:
        return [AccountOpened(user_id=user_id, email=email, credential_id=credential_id), asked]
    _require_open(account)
    if account.credential_id == credential_id or account.repeated == request_id:
        return []
    if account.verified:
        return [RegistrationRepeated(request_id=request_id)]
    return [PasswordChanged(credential_id=credential_id), asked]


def open_verified(account: Account | None, *, user_id: UUID, email: str, credential_id: UUID) -> Sequence[AccountEvent]:
    """Open an account for an address that is known to be its owner's; one that is verified stays as it is.

    One that nobody has proved may be a stranger's: it gets this password.
    Raises `AccountIsClosed`.
    """
    if account is None:
        return [AccountOpened(user_id=user_id, email=email, credential_id=credential_id), EmailVerified()]
    _require_open(account)
    return [] if account.verified else [PasswordChanged(credential_id=credential_id), EmailVerified()]


def ask_verification(account: Account, *, request_id: UUID, now: datetime) -> Sequence[AccountEvent]:
    """Promise a link that proves the address, unless it is proved."""
    asked_before = account.verification is not None and account.verification.request_id == request_id
    if account.closed or account.verified or asked_before:
        return []
    return [EmailVerificationAsked(request_id=request_id, expires_at=now + VERIFICATION_LASTS)]


def verify(account: Account, *, request_id: UUID, now: datetime) -> Sequence[AccountEvent]:
    """Take the link's word that the address is its owner's; raises `LinkInvalid`."""
    if account.verified and not account.closed:
        return []
    if account.verification is None or not account.verification.works_for(request_id, now):
        raise LinkInvalid
    return [EmailVerified()]


def ask_reset(account: Account, *, request_id: UUID, now: datetime) -> Sequence[AccountEvent]:
    """Promise a link that lets choose a new password once."""
    if account.closed or (account.reset is not None and account.reset.request_id == request_id):
        return []
    return [PasswordResetAsked(request_id=request_id, expires_at=now + RESET_LASTS)]


def reset_password(account: Account, *, request_id: UUID, credential_id: UUID, now: datetime) -> Sequence[AccountEvent]:
    """Choose a new password by a link, which proves the address as well; raises `LinkInvalid`."""
    if account.credential_id == credential_id:
        return []
    if account.reset is None or not account.reset.works_for(request_id, now):
        raise LinkInvalid
    proved: Sequence[AccountEvent] = [] if account.verified else [EmailVerified()]
    return [PasswordChanged(credential_id=credential_id), *proved]


def change_password(account: Account, *, credential_id: UUID) -> Sequence[AccountEvent]:
    """Choose another password, by somebody who has shown the present one; raises `AccountIsClosed`."""
    _require_open(account)
    return [] if account.credential_id == credential_id else [PasswordChanged(credential_id=credential_id)]


def end_sessions(account: Account, *, generation: int) -> Sequence[AccountEvent]:
    """End every session of ``generation``, the one that the asker saw; an earlier one is over."""
    return [SignedOutEverywhere()] if account.generation == generation else []


def grant(account: Account, *, role: Role) -> Sequence[AccountEvent]:
    """Let the account be this too; raises `AccountIsClosed` and `AccountNotVerified`."""
    _require_open(account)
    if not account.verified and role is not Role.CREATOR:
        raise AccountNotVerified("nobody has proved the address of this account yet: it may be a stranger's")
    return [] if role in account.roles else [RoleGranted(role=role)]


def revoke(account: Account, *, role: Role) -> Sequence[AccountEvent]:
    """Let the account be this no more."""
    return [RoleRevoked(role=role)] if role in account.roles else []


def close(account: Account) -> Sequence[AccountEvent]:
    """Let nobody sign in again, for good."""
    return [] if account.closed else [AccountClosed()]


def _require_open(account: Account) -> None:
    if account.closed:
        raise AccountIsClosed("the account is closed")
