"""What can happen to an account; what follows from it is decided in `domain.identity.account`.

The stream of an account is named after its user, and the user is the subject of
its facts.  Passwords, and the addresses that accounts are found by, are kept
beside the log: an event names a password by its ``credential_id``.
"""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from domain.kernel.event import Event
from domain.kernel.personal import Personal


class Role(StrEnum):
    """What an account may be beside a user, which every account is."""

    CREATOR = "creator"
    """May make videos of their own."""
    AUDITOR = "auditor"
    """May read what auditors read."""
    ADMIN = "admin"
    """May operate the platform."""


class AccountOpened(Event, frozen=True, kw_only=True, tag="identity.account_opened"):
    """Somebody chose a password for an address that nobody has proved to be theirs yet."""

    user_id: UUID
    email: Personal[str]
    credential_id: UUID


class RegistrationRepeated(Event, frozen=True, kw_only=True, tag="identity.registration_repeated"):
    """Somebody registered with the address of a verified account; its owner is to be told by mail."""

    request_id: UUID


class EmailVerificationAsked(Event, frozen=True, kw_only=True, tag="identity.email_verification_asked"):
    """A link that proves the address is to be mailed to it.

    It works before ``expires_at``, and earlier links no more.
    """

    request_id: UUID
    expires_at: datetime


class EmailVerified(Event, frozen=True, kw_only=True, tag="identity.email_verified"):
    """The owner of the address has said that the account is theirs."""


class PasswordResetAsked(Event, frozen=True, kw_only=True, tag="identity.password_reset_asked"):
    """A link that lets choose a new password is to be mailed.

    It works once and before ``expires_at``, and earlier links no more.
    """

    request_id: UUID
    expires_at: datetime


class PasswordChanged(Event, frozen=True, kw_only=True, tag="identity.password_changed"):
    """Another password counts from now on; every session begun with the old one is over."""

    credential_id: UUID


class SignedOutEverywhere(Event, frozen=True, kw_only=True, tag="identity.signed_out_everywhere"):
    """Every session begun so far is over."""


class RoleGranted(Event, frozen=True, kw_only=True, tag="identity.role_granted"):
    """The account is this too."""

    role: Role


class RoleRevoked(Event, frozen=True, kw_only=True, tag="identity.role_revoked"):
    """The account is this no more."""

    role: Role


class AccountClosed(Event, frozen=True, kw_only=True, tag="identity.account_closed"):
    """Nobody signs in to it again."""


AccountEvent = (
    AccountOpened
    | RegistrationRepeated
    | EmailVerificationAsked
    | EmailVerified
    | PasswordResetAsked
    | PasswordChanged
    | SignedOutEverywhere
    | RoleGranted
    | RoleRevoked
    | AccountClosed
)
