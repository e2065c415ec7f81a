"""Who knows the password of an account."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from uuid import UUID

from application.identity.vault import Addresses, Credentials, PasswordHasher
from application.ports import Clock, EventLog
from application.repository import Repository
from domain.identity import account as accounts
from domain.identity.account import Account, AccountNotFound, account_stream
from domain.identity.account_events import AccountEvent, AccountOpened, PasswordChanged
from domain.identity.password import prepared
from domain.kernel.errors import Invalid, Refusal
from domain.kernel.ids import uuid7


class PasswordWrong(Invalid):
    """The present password is another."""

    code = "password_wrong"

    def __init__(self, field: str) -> None:
        super().__init__("this is not the present password", field=field)


class Passwords:
    """Checks passwords, and keeps hashes of new ones; what counts is what the account's events name."""

    def __init__(
        self, log: EventLog, clock: Clock, *, addresses: Addresses, credentials: Credentials, hasher: PasswordHasher
    ) -> None:
        self._log = log
        self._accounts: Repository[Account, AccountEvent] = Repository(
            log, accounts.evolve, missing=AccountNotFound, clock=clock
        )
        self._addresses = addresses
        self._credentials = credentials
        self._hasher = hasher
        self._clock = clock

    async def found(self, email: str) -> Account | None:
        """The account of an address; None if there is none, or it was closed."""
        if (user_id := await self._addresses.find(email)) is None:
            return None
        try:
            account = await self._accounts.get(account_stream(user_id))
        except AccountNotFound:  # registering fell before it was recorded
            return None
        return None if account.closed else account

    async def matches(self, account: Account | None, password: str) -> bool:
        """Whether it is the account's password; as much work for an account that is not there.

        A hash made in an older way is renewed while the password is known.
        """
        kept = await self._credentials.find(account.credential_id) if account else None
        written = prepared(password)
        right = await self._hasher.matches(kept, written)
        if right and account and kept and self._hasher.is_outdated(kept):
            await self._credentials.rehash(account.credential_id, await self._hasher.hash(written))
        return right

    @asynccontextmanager
    async def chosen(self, user_id: UUID, password: str) -> AsyncGenerator[UUID]:
        """The credential of a new password, while the block records it.

        Afterwards only the hash is kept that the account names: of the new
        password, or of the one before if nothing came of it.
        """
        chosen = uuid7(self._clock())
        await self._credentials.add(chosen, user_id, await self._hasher.hash(prepared(password)))
        try:
            yield chosen
        except Refusal:  # other errors leave open whether it was recorded
            await self._credentials.drop({chosen})
            raise
        # Not all others of the user: somebody else may have added one that is about to be recorded.
        *former, named = await self._named(user_id)
        await self._credentials.drop({chosen, *former} - {named})

    async def _named(self, user_id: UUID) -> Sequence[UUID]:
        """Every credential that the account's events have named, the one that counts last."""
        facts = await self._log.stream(account_stream(user_id))
        return [fact.event.credential_id for fact in facts if isinstance(fact.event, (AccountOpened, PasswordChanged))]
