"""Mails: promised by events on the identity log, and what becomes of them.

`Promises` says which events promise a mail; `application.mailing` keeps the
promises.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

import msgspec

from domain.identity.account_events import EmailVerificationAsked, PasswordResetAsked, RegistrationRepeated
from domain.kernel.event import Fact

PATIENCE = timedelta(days=2)
"""How long a mail without a link that expires is tried: mail servers try others' about as long (RFC 5321, 4.5.4.1)."""


class MailKind(StrEnum):
    """What a mail is about."""

    VERIFICATION = "verification"
    """Is this address yours?"""
    ACCOUNT_EXISTS = "account_exists"
    """You registered again; you have an account already."""
    PASSWORD_RESET = "password_reset"  # noqa: S105 # names a kind of mail
    """Choose a new password."""


class MailState(StrEnum):
    """What became of a mail; all but the first are for good, unless an admin says otherwise."""

    WAITING = "waiting"
    SENT = "sent"
    DROPPED = "dropped"
    """Not wanted any more: the person was erased, or what it asks for is settled."""
    FAILED = "failed"
    """Refused for good, or not taken before it lost its meaning."""


class PromisedMail(msgspec.Struct, frozen=True, kw_only=True):
    """A mail that is owed; ``mail_id`` is the id of the event that promised it.

    After ``expires_at`` nobody would be helped by it.
    """

    mail_id: UUID
    user_id: UUID
    kind: MailKind
    request_id: UUID
    promised_at: datetime
    expires_at: datetime


class MailStanding(PromisedMail, frozen=True, kw_only=True):
    """A mail and what became of it; ``reason`` is a word or two about the last attempt, never what was answered."""

    state: MailState
    attempts: int
    due_at: datetime
    settled_at: datetime | None
    reason: str | None


class Promises:
    """Which mails a stretch of the identity log promises; taken in once, and never again."""

    name = "mails"
    version = 1
    logs = ("identity",)
    bare = False

    def fold(self, facts: Sequence[Fact[Any]]) -> Sequence[PromisedMail]:
        """One for each event that asks for one."""
        return [promise for fact in facts if (promise := _promise(fact)) is not None]


def _promise(fact: Fact[Any]) -> PromisedMail | None:
    match fact.event:
        case EmailVerificationAsked():
            kind, expires_at = MailKind.VERIFICATION, fact.event.expires_at
        case PasswordResetAsked():
            kind, expires_at = MailKind.PASSWORD_RESET, fact.event.expires_at
        case RegistrationRepeated():
            kind, expires_at = MailKind.ACCOUNT_EXISTS, fact.occurred_at + PATIENCE
        case _:
            return None
    assert fact.subject_id is not None, f"{type(fact.event).__name__} of nobody"
    return PromisedMail(
        mail_id=fact.event_id,
        user_id=fact.subject_id,
        kind=kind,
        request_id=fact.event.request_id,
        promised_at=fact.occurred_at,
        expires_at=expires_at,
    )
