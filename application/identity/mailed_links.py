"""Links that are mailed: promised to whoever asks in the name of an address, and taken at their word."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Protocol
from uuid import UUID

from application.actor import Call, visitor
from application.identity.attempts import Attempts
from application.identity.evenly import evenly
from application.identity.link_tokens import LinkClaim, LinkPurpose, LinkTokens
from application.identity.passwords import Passwords, PasswordWrong
from application.ports import Clock, EventLog
from application.repository import Repository
from domain.identity import account as accounts
from domain.identity.account import Account, AccountNotFound, LinkInvalid, account_stream
from domain.identity.account_events import AccountEvent
from domain.kernel.ids import uuid7
from domain.kernel.personal import Erased


class Promising(Protocol):
    """A decision that promises a link."""

    def __call__(self, account: Account, /, *, request_id: UUID, now: datetime) -> Sequence[AccountEvent]:
        """The promise, unless there is nothing to promise."""
        ...


class MailedLinks:
    """What a visitor asks is answered evenly and alike, whether there is an account or not: only a mail tells."""

    def __init__(
        self, log: EventLog, clock: Clock, *, passwords: Passwords, tokens: LinkTokens, attempts: Attempts
    ) -> None:
        self._clock = clock
        self._passwords = passwords
        self._tokens = tokens
        self._attempts = attempts
        self._accounts: Repository[Account, AccountEvent] = Repository(
            log, accounts.evolve, missing=AccountNotFound, clock=clock
        )

    @asynccontextmanager
    async def asked(self, email: str, client: str) -> AsyncGenerator[None]:
        """Around whatever may bring a mail to the address: counted, and evenly long.  Raises `TooMany`.

        ``client`` is the network address of whoever asks.
        """
        await self._attempts.count_mail(email, client)
        async with evenly():
            yield

    async def promise(self, email: str, ask: Promising, *, client: str, call: Call) -> None:
        """Promise a link to the owner of the address, if there is one and ``ask`` sees fit.  Raises `TooMany`."""
        async with self.asked(email, client):
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

    async def require_password(self, account: Account, password: str) -> None:
        """Raises `PasswordWrong`, and `TooMany` for who guesses; counts as an attempt on the account."""
        await self._attempts.count_account("" if isinstance(account.email, Erased) else account.email)
        if not await self._passwords.matches(account, password):
            raise PasswordWrong("password")

    def claim(self, purpose: LinkPurpose, token: str) -> LinkClaim:
        """What the token of a link proves.  Raises `LinkInvalid`; whether it still works, its account decides."""
        if (claim := self._tokens.claim(purpose, token)) is None:
            raise LinkInvalid
        return claim
