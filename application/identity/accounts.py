"""Accounts that are there: their passwords, and their end.  How they come to be: ``registration.py`` beside this."""

from uuid import UUID

from application.actor import Actor, Call, user_by_proof
from application.identity.attempts import Attempts
from application.identity.link_tokens import LinkPurpose
from application.identity.mailed_links import MailedLinks
from application.identity.passwords import Passwords, PasswordWrong
from application.identity.sessions import Sessions
from application.identity.vault import Vault
from application.ports import Clock, EventLog
from application.repository import Receipt, Repository
from domain.identity import account as accounts
from domain.identity.account import Account, AccountNotFound, LinkInvalid, account_stream
from domain.identity.account_events import AccountEvent
from domain.identity.password import require_strong
from domain.identity.session import Ending


class Accounts:
    """What people do with their accounts."""

    def __init__(
        self,
        log: EventLog,
        clock: Clock,
        *,
        passwords: Passwords,
        sessions: Sessions,
        links: MailedLinks,
        attempts: Attempts,
        vault: Vault,
    ) -> None:
        self._clock = clock
        self._passwords = passwords
        self._sessions = sessions
        self._links = links
        self._attempts = attempts
        self._vault = vault
        self._accounts: Repository[Account, AccountEvent] = Repository(
            log, accounts.evolve, missing=AccountNotFound, clock=clock
        )

    async def ask_reset(self, email: str, *, client: str, call: Call) -> None:
        """Promise a link that lets choose a new password, if there is an account.  Raises `TooMany`."""
        await self._links.promise(email, accounts.ask_reset, client=client, call=call)

    async def reset_password(self, token: str, password: str, call: Call) -> tuple[UUID, Receipt]:
        """Choose a new password by a link, once; ends all sessions; returns whose it was.

        Raises `LinkInvalid`, `PasswordTooWeak` and `PasswordsBusy`.
        """
        claim = self._links.claim(LinkPurpose.PASSWORD_RESET, token)
        stream, by = account_stream(claim.user_id), user_by_proof(claim.user_id, call)
        now = self._clock()
        try:
            account = await self._accounts.get(stream)
        except AccountNotFound:
            raise LinkInvalid from None
        require_strong(password, email=account.address)
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
        email = account.address or ""
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
        await self._sessions.note_ended(user_id, await self._vault.forget(user_id), Ending.ERASED, by)
