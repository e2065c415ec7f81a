"""Accounts as their events make them, without passwords and without waiting."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from adapters.composition import System
from application.repository import Receipt, Repository
from domain.identity import account as accounts
from domain.identity.account import Account, AccountNotFound, account_stream
from domain.identity.account_events import AccountEvent
from tests.support.site import OPERATOR


class AccountHolder:
    """Somebody with an account, whose stream is written to directly."""

    def __init__(self, system: System, email: str, *, user_id: UUID | None = None) -> None:
        self.user_id = user_id or uuid4()
        self.email = email
        self._clock = system.clock
        self._accounts: Repository[Account, AccountEvent] = Repository(
            system.logs["identity"], accounts.evolve, missing=AccountNotFound, clock=self._clock
        )

    async def register(self) -> UUID:
        """Open the account, or try to again; returns the id of the request."""
        decide = partial(accounts.register, user_id=self.user_id, email=self.email, credential_id=uuid4())
        return await self._ask(decide)

    async def ask_verification(self) -> UUID:
        return await self._ask(accounts.ask_verification)

    async def ask_reset(self) -> UUID:
        return await self._ask(accounts.ask_reset)

    async def verify(self, request_id: UUID) -> None:
        await self.decide(partial(accounts.verify, request_id=request_id, now=self._clock()))

    async def decide(self, decide: Callable[[Any], Sequence[AccountEvent]]) -> Receipt:
        stream = account_stream(self.user_id)
        return await self._accounts.begin(stream, decide, by=OPERATOR, subject_id=self.user_id)

    async def _ask(self, decide: Callable[..., Sequence[AccountEvent]]) -> UUID:
        request_id = uuid4()
        await self.decide(partial(decide, request_id=request_id, now=self._clock()))
        return request_id
