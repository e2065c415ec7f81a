"""How accounts come to be: somebody registers with an address, and proves that they read its mail."""

from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from application.actor import Actor, Call, user_by_proof, visitor
from application.identity.link_tokens import LinkPurpose
from application.identity.mailed_links import MailedLinks
from application.identity.passwords import Passwords
from application.identity.vault import Addresses
from application.ports import Clock, EventLog
from application.repository import Receipt, Repository
from domain.identity import account as accounts
from domain.identity import user as users
from domain.identity.account import Account, AccountIsClosed, AccountNotFound, LinkInvalid, account_stream
from domain.identity.account_events import AccountEvent
from domain.identity.api_key import Scope
from domain.identity.email import mailable
from domain.identity.password import require_strong
from domain.identity.user import Attributes, User, UserEvent, UserNotFound
from domain.kernel.ids import uuid7


class Registration(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody who wants an account; ``name`` is how others see them."""

    email: Annotated[str, Meta(min_length=3, max_length=254)]
    password: Annotated[str, Meta(min_length=1, max_length=256)]
    name: Annotated[str, Meta(min_length=1, max_length=128)] | None = None


class Registrations:
    """Registering, until the address is proved.  Every step that falls half way is completed by its repetition."""

    def __init__(
        self, log: EventLog, clock: Clock, *, addresses: Addresses, passwords: Passwords, links: MailedLinks
    ) -> None:
        self._clock = clock
        self._addresses = addresses
        self._passwords = passwords
        self._links = links
        self._accounts: Repository[Account, AccountEvent] = Repository(
            log, accounts.evolve, missing=AccountNotFound, clock=clock
        )
        self._users: Repository[User, UserEvent] = Repository(log, users.evolve, missing=UserNotFound, clock=clock)

    async def register(self, asked: Registration, *, client: str, call: Call) -> None:
        """Open an account and promise a mail that proves the address, or tell the owner of the one that is there.

        ``client`` is the network address it came from, which is counted and not
        kept.  Safe to send again.  Raises `EmailInvalid`, `PasswordTooWeak`,
        `TooMany` and `PasswordsBusy`.
        """
        email = mailable(asked.email)
        require_strong(asked.password, email=email)
        async with self._links.asked(email, client):
            try:
                await self._open(email, asked, visitor(call))
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
        await self._links.promise(email, accounts.ask_verification, client=client, call=call)

    async def verify(self, token: str, password: str, call: Call) -> tuple[UUID, Receipt]:
        """Take a link's word for the address, and return whose it is; repeatable.

        The password tells that whoever reads the mail is who registered: else a
        stranger could register in the owner's name, and wait until the owner
        follows the link.  Raises `LinkInvalid`, `PasswordWrong`, `TooMany` and
        `PasswordsBusy`.
        """
        claim = self._links.claim(LinkPurpose.VERIFICATION, token)
        stream, now = account_stream(claim.user_id), self._clock()
        try:
            account = await self._accounts.get(stream)
        except AccountNotFound:
            raise LinkInvalid from None
        if accounts.verify(account, request_id=claim.request_id, now=now):
            await self._links.require_password(account, password)
        receipt = await self._accounts.change(
            stream,
            lambda it: accounts.verify(it, request_id=claim.request_id, now=now),
            by=user_by_proof(claim.user_id, call),
            subject_id=claim.user_id,
        )
        return claim.user_id, receipt

    async def find(self, email: str, by: Actor) -> UUID | None:
        """The user who has reserved the address, for admins.  Raises `ScopeMissing`."""
        by.require(Scope.ADMIN)
        return await self._addresses.find(email)

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
