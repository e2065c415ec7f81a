"""Accounts: opened by whoever reads the mail of an address, and kept by a password."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Protocol
from uuid import UUID

import msgspec
from msgspec import Meta

from application.actor import Actor, Call, user_by_proof, visitor
from application.attempts import Attempts
from application.evenly import evenly
from application.link_tokens import LinkClaim, LinkPurpose, LinkTokens
from application.passwords import Passwords
from application.ports import Clock, EventLog
from application.repository import Receipt, Repository
from application.sessions import Sessions
from application.vault import Addresses, Vault
from domain.identity import account as accounts
from domain.identity import user as users
from domain.identity.account import Account, AccountIsClosed, AccountNotFound, LinkInvalid, account_stream
from domain.identity.account_events import AccountEvent
from domain.identity.api_key import Scope
from domain.identity.email import mailable
from domain.identity.password import require_strong
from domain.identity.session import Ending
from domain.identity.user import Attributes, User, UserEvent, UserNotFound
from domain.kernel.errors import Invalid
from domain.kernel.ids import uuid7
from domain.kernel.personal import Erased


class PasswordWrong(Invalid):
    """The present password is another."""

    code = "password_wrong"

    def __init__(self, field: str) -> None:
        super().__init__("this is not the present password", field=field)


class Promising(Protocol):
    """A decision that promises a link."""

    def __call__(self, account: Account, /, *, request_id: UUID, now: datetime) -> Sequence[AccountEvent]:
        """The promise, unless there is nothing to promise."""
        ...


class Registration(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody who wants an account; ``name`` is how others see them."""

    email: Annotated[str, Meta(min_length=3, max_length=254)]
    password: Annotated[str, Meta(min_length=1, max_length=256)]
    name: Annotated[str, Meta(min_length=1, max_length=128)] | None = None


class Accounts:
    """What people do with their accounts.

    What visitors ask is answered evenly and alike, whether there is an account
    or not: only a mail tells, and only its reader.
    """

    def __init__(  # noqa: PLR0913 - what accounts keep beside the log has many parts
        self,
        log: EventLog,
        clock: Clock,
        *,
        addresses: Addresses,
        passwords: Passwords,
        sessions: Sessions,
        vault: Vault,
        links: LinkTokens,
        attempts: Attempts,
    ) -> None:
        self._clock = clock
        self._addresses = addresses
        self._passwords = passwords
        self._sessions = sessions
        self._vault = vault
        self._links = links
        self._attempts = attempts
        self._accounts: Repository[Account, AccountEvent] = Repository(
            log, accounts.evolve, missing=AccountNotFound, clock=clock
        )
        self._users: Repository[User, UserEvent] = Repository(log, users.evolve, missing=UserNotFound, clock=clock)

    async def register(self, asked: Registration, *, client: str, call: Call) -> None:
        """Open an account and promise a mail that proves the address, or tell the owner of the one that is there.

        Safe to send again.  Raises `EmailInvalid`, `PasswordTooWeak`, `TooMany`
        and `PasswordsBusy`.
        """
        email = mailable(asked.email)
        require_strong(asked.password, email=email)
        await self._attempts.count_mail(email, client)
        by = visitor(call)
        async with evenly():
            try:
                await self._open(email, asked, by)
            except AccountIsClosed:  # its address is about to be forgotten
                return

    async def open_verified(self, asked: Registration, by: Actor) -> UUID:
        """An account whose address an admin vouches for; one that is verified stays as it is.

        Raises `ScopeMissing`, `EmailInvalid`, `PasswordTooWeak` and `AccountIsClosed`.
        """
        by.require(Scope.ADMIN)
        email = mailable(asked.email)
        require_strong(asked.password, email=email)
        user_id = await self._addresses.reserve(email, uuid7(self._clock()))
        async with self._passwords.chosen(user_id, asked.password) as credential_id:
            await self._accounts.begin(
                account_stream(user_id),
                lambda account: accounts.open_verified(
                    account, user_id=user_id, email=email, credential_id=credential_id
                ),
                by=by,
                subject_id=user_id,
            )
        await self._register_user(user_id, email, asked.name, by)
        return user_id

    async def ask_verification(self, email: str, *, client: str, call: Call) -> None:
        """Promise another link that proves the address, if one is wanted.  Raises `TooMany`."""
        await self._promise(email, accounts.ask_verification, client=client, call=call)

    async def verify(self, token: str, call: Call) -> tuple[UUID, Receipt]:
        """Take a link's word for the address, and return whose it is; repeatable.  Raises `LinkInvalid`."""
        claim = self._claim(LinkPurpose.VERIFICATION, token)
        try:
            receipt = await self._accounts.change(
                account_stream(claim.user_id),
                lambda it: accounts.verify(it, request_id=claim.request_id, now=self._clock()),
                by=user_by_proof(claim.user_id, call),
                subject_id=claim.user_id,
            )
        except AccountNotFound:
            raise LinkInvalid from None
        return claim.user_id, receipt

    async def ask_reset(self, email: str, *, client: str, call: Call) -> None:
        """Promise a link that lets choose a new password, if there is an account.  Raises `TooMany`."""
        await self._promise(email, accounts.ask_reset, client=client, call=call)

    async def reset_password(self, token: str, password: str, call: Call) -> tuple[UUID, Receipt]:
        """Choose a new password by a link, once; ends all sessions; returns whose it was.

        Raises `LinkInvalid`, `PasswordTooWeak` and `PasswordsBusy`.
        """
        claim = self._claim(LinkPurpose.PASSWORD_RESET, token)
        stream, by = account_stream(claim.user_id), user_by_proof(claim.user_id, call)
        now = self._clock()
        try:
            account = await self._accounts.get(stream)
        except AccountNotFound:
            raise LinkInvalid from None
        require_strong(password, email=None if isinstance(account.email, Erased) else account.email)
        # A link that does not work any more is not worth a hash.
        accounts.reset_password(account, request_id=claim.request_id, credential_id=claim.request_id, now=now)
        async with self._passwords.chosen(claim.user_id, password) as credential_id:
            receipt = await self._accounts.change(
                stream,
                lambda it: accounts.reset_password(
                    it, request_id=claim.request_id, credential_id=credential_id, now=now
                ),
                by=by,
                subject_id=claim.user_id,
            )
        await self._sessions.clear(claim.user_id, Ending.PASSWORD_CHANGED, by)
        return claim.user_id, receipt

    async def change_password(self, present: str, password: str, by: Actor) -> Receipt:
        """Choose another password; ends all sessions but the one that asks.

        Counts as an attempt on the account.  Raises `NotAUser`, `AccountNotFound`,
        `PasswordWrong`, `PasswordTooWeak`, `TooMany` and `PasswordsBusy`.
        """
        user_id = by.themself
        if (kept := await self._accounts.kept(by.call)) is not None:
            return kept
        account = await self._accounts.get(account_stream(user_id))
        email = "" if isinstance(account.email, Erased) else account.email
        require_strong(password, email=email)
        await self._attempts.count_account(email)
        if not await self._passwords.matches(account, present):
            raise PasswordWrong("present")
        async with self._passwords.chosen(user_id, password) as credential_id:
            receipt = await self._accounts.change(
                account_stream(user_id),
                lambda it: accounts.change_password(it, credential_id=credential_id),
                by=by,
                subject_id=user_id,
            )
        await self._sessions.clear(user_id, Ending.PASSWORD_CHANGED, by, but=by.session_id)
        return receipt

    async def account(self, user_id: UUID, by: Actor) -> tuple[Account, int]:
        """An account and its version, for those who may act for its user.  Raises `NotThisUser`, `AccountNotFound`."""
        by.require_self(user_id)
        return await self._accounts.seen(account_stream(user_id))

    async def find(self, email: str, by: Actor) -> UUID | None:
        """The user whose address it is, for admins.  Raises `ScopeMissing`."""
        by.require(Scope.ADMIN)
        return await self._addresses.find(email)

    async def close(self, user_id: UUID, by: Actor) -> Receipt:
        """Let nobody sign in again, for good, and drop all secrets; repeatable.

        The event ends the sessions; what is kept beside the log is dropped after
        it, so that closing again finishes what a fall left undone.  Raises
        `NotThisUser` and `AccountNotFound`.
        """
        by.require_self(user_id)
        receipt = await self._accounts.change(account_stream(user_id), accounts.close, by=by, subject_id=user_id)
        await self.forget(user_id, by)
        return receipt

    async def forget(self, user_id: UUID, by: Actor) -> None:
        """Drop all that is kept of a user beside the log: repeatable, and right for somebody without an account."""
        await self._sessions.note_ended(await self._vault.forget(user_id), Ending.ERASED, by)

    async def _open(self, email: str, asked: Registration, by: Actor) -> None:
        # The address first: whoever comes again after a fall finds it, and goes on where this ended.
        user_id = await self._addresses.reserve(email, uuid7(self._clock()))
        async with self._passwords.chosen(user_id, asked.password) as credential_id:
            now = self._clock()
            request_id = uuid7(now)
            await self._accounts.begin(
                account_stream(user_id),
                lambda account: accounts.register(
                    account,
                    user_id=user_id,
                    email=email,
                    credential_id=credential_id,
                    request_id=request_id,
                    now=now,
                ),
                by=by,
                subject_id=user_id,
            )
        await self._register_user(user_id, email, asked.name, by)

    async def _register_user(self, user_id: UUID, email: str, name: str | None, by: Actor) -> None:
        attributes = Attributes(name=name, email=email)
        await self._users.begin(
            user_id,
            lambda user: users.register(user, attributes=attributes),
            by=by.without_once(),
            subject_id=user_id,
        )

    async def _promise(self, email: str, ask: Promising, *, client: str, call: Call) -> None:
        await self._attempts.count_mail(email, client)
        async with evenly():
            if (account := await self._passwords.found(email)) is None:
                return
            now = self._clock()
            request_id = uuid7(now)
            await self._accounts.change(
                account_stream(account.user_id),
                lambda it: ask(it, request_id=request_id, now=now),
                by=visitor(call),
                subject_id=account.user_id,
            )

    def _claim(self, purpose: LinkPurpose, token: str) -> LinkClaim:
        if (claim := self._links.claim(purpose, token)) is None:
            raise LinkInvalid
        return claim
