"""Keeps what `application.mails` promises: each mail sent once, as far as SMTP allows.

Never inside a command: a mail server may be slow, away, or take a mail and die
before it says so.  An address is looked up at the moment of sending, so that
nobody who was erased meanwhile is written to.
"""

import random
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

import msgspec

from application.actor import Actor
from application.identity.link_tokens import LinkClaim, LinkPurpose, LinkTokens
from application.mails import MailKind, MailStanding, MailState, PromisedMail
from application.ports import Clock, EventLog
from application.repository import Repository
from domain.identity import account as accounts
from domain.identity.account import Account, AccountNotFound, account_stream
from domain.identity.account_events import AccountEvent
from domain.identity.api_key import Scope
from domain.kernel.errors import Conflict, NotFound
from domain.kernel.personal import Erased

FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=15), timedelta(minutes=30)
"""Between attempts, doubled each time; up to a quarter is added by chance, lest all come back at once."""

LEASE = timedelta(minutes=2)
"""How long an attempt may take before others may try: longer than any attempt does."""


PURPOSES = {
    MailKind.VERIFICATION: LinkPurpose.VERIFICATION,
    MailKind.PASSWORD_RESET: LinkPurpose.PASSWORD_RESET,
}
"""What the links are for, in those mails that have one that must be secret."""


class MailNotFound(NotFound):
    """No event has promised this mail."""

    code = "mail_not_found"


class MailIsSettled(Conflict):
    """Sending the mail again would help nobody."""

    code = "mail_settled"


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """A mail as it goes out; ``mail_id`` makes its Message-ID, so that sending it twice can be recognised."""

    mail_id: UUID
    to: str
    subject: str
    text: str
    html: str


class NotTaken(Exception):
    """A letter was not, or not certainly, taken; ``permanent`` if trying again cannot help.

    ``reason`` holds no personal data: servers repeat addresses in what they answer.
    """

    def __init__(self, reason: str, *, permanent: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.permanent = permanent


class Outbox(Protocol):
    """The mails that are owed, and what became of them."""

    async def claim(self, now: datetime, *, lease: timedelta) -> MailStanding | None:
        """A mail that is due, left to the caller for ``lease``; None if there is none."""
        ...

    async def settle(self, mail: MailStanding, state: MailState, *, now: datetime, reason: str | None = None) -> bool:
        """Note the end of a mail; False if somebody else has settled or claimed it meanwhile."""
        ...

    async def find(self, mail_id: UUID) -> MailStanding | None:
        """One mail, in whatever state."""
        ...

    async def retry(self, mail_id: UUID, *, now: datetime) -> MailStanding | None:
        """Make a mail due that waits or has failed and would still help; None if there is no such mail."""
        ...

    async def put_off(self, mail: MailStanding, due_at: datetime, *, reason: str) -> None:
        """Try again then."""
        ...


class Letters(Protocol):
    """Turns a mail into what its reader sees."""

    def write(self, mail: PromisedMail, *, to: str, token: str | None) -> Letter:
        """The letter to this address; ``token`` is what its link carries, where it has one that must be secret."""
        ...


class Post(Protocol):
    """The way out."""

    async def deliver(self, letter: Letter) -> None:
        """Hand the letter over.  Raises `NotTaken`."""
        ...

    async def recall(self, mail_id: UUID) -> None:
        """Take back what has not left the house; what has left cannot be recalled."""
        ...


class Mails:
    """Keeps promises, one at a time; any number of these may work side by side."""

    def __init__(
        self, log: EventLog, outbox: Outbox, letters: Letters, post: Post, tokens: LinkTokens, clock: Clock
    ) -> None:
        self._accounts: Repository[Account, AccountEvent] = Repository(
            log, accounts.evolve, missing=AccountNotFound, clock=clock
        )
        self._outbox = outbox
        self._letters = letters
        self._post = post
        self._tokens = tokens
        self._clock = clock

    async def keep_one(self) -> MailStanding | None:
        """Whenever a mail is due, send it; returns it as it stands afterwards, None if none was due.

        One that was sent and could not be noted as sent goes out again after
        `LEASE`, with the same Message-ID: twice, rather than never.
        """
        now = self._clock()
        mail = await self._outbox.claim(now, lease=LEASE)
        if mail is None:
            return None
        if mail.expires_at <= now:
            return await self._settled(mail, MailState.FAILED, reason=mail.reason or "expired")
        if (letter := await self._letter(mail)) is None:
            return await self._settled(mail, MailState.DROPPED, reason="not wanted any more")
        try:
            await self._post.deliver(letter)
        except NotTaken as problem:
            return await self._not_taken(mail, problem)
        return await self._settled(mail, MailState.SENT)

    async def retry(self, mail_id: UUID, by: Actor) -> MailStanding:
        """Let a mail be tried at once; repeatable.  Raises `ScopeMissing`, `MailNotFound` and `MailIsSettled`."""
        by.require(Scope.ADMIN)
        if (mail := await self._outbox.retry(mail_id, now=self._clock())) is not None:
            return mail
        if await self._outbox.find(mail_id) is None:
            raise MailNotFound("no such mail was promised")
        raise MailIsSettled("it was sent, or is not wanted any more, or its link would open nothing")

    async def _letter(self, mail: PromisedMail) -> Letter | None:
        """None if nobody is there to read it, or what it asks for is settled or was asked anew."""
        try:
            account = await self._accounts.get(account_stream(mail.user_id))
        except AccountNotFound:
            return None
        if isinstance(account.email, Erased) or account.closed or not _is_wanted(mail, account):
            return None
        purpose = PURPOSES.get(mail.kind)
        token = self._tokens.token(purpose, LinkClaim(mail.user_id, mail.request_id)) if purpose else None
        return self._letters.write(mail, to=account.email, token=token)

    async def _not_taken(self, mail: MailStanding, problem: NotTaken) -> MailStanding:
        due_at = self._clock() + pause_after(mail.attempts)
        if problem.permanent or due_at >= mail.expires_at:
            return await self._settled(mail, MailState.FAILED, reason=problem.reason)
        await self._outbox.put_off(mail, due_at, reason=problem.reason)
        return msgspec.structs.replace(mail, due_at=due_at, reason=problem.reason)

    async def _settled(self, mail: MailStanding, state: MailState, *, reason: str | None = None) -> MailStanding:
        now = self._clock()
        if not await self._outbox.settle(mail, state, now=now, reason=reason):
            # Erased while it was being sent, most likely: then nothing of it may stay here.
            await self._post.recall(mail.mail_id)
            return msgspec.structs.replace(mail, state=MailState.DROPPED, reason="settled by others")
        return msgspec.structs.replace(mail, state=state, settled_at=now, reason=reason)


def _is_wanted(mail: PromisedMail, account: Account) -> bool:
    match mail.kind:
        case MailKind.VERIFICATION:
            return account.verification is not None and account.verification.request_id == mail.request_id
        case MailKind.PASSWORD_RESET:
            return account.reset is not None and account.reset.request_id == mail.request_id
        case MailKind.ACCOUNT_EXISTS:
            return account.repeated == mail.request_id


def pause_after(attempts: int) -> timedelta:
    """How long to wait after so many attempts in vain."""
    pause = min(FIRST_PAUSE * 2 ** min(attempts - 1, 16), LONGEST_PAUSE)
    return pause * (1 + random.random() / 4)  # noqa: S311 # spreads load, keeps no secret
