"""Sessions: somebody signs in, proves it with each request, and signs out."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from application.actor import Actor, Call, user_by_proof
from application.identity.attempts import Attempts
from application.identity.evenly import evenly
from application.identity.passwords import Passwords
from application.identity.session_secrets import Expiries, IssuedSecrets, digest_of, issue_secrets
from application.identity.vault import LiveSession, Purpose, Secret, SessionStore
from application.ports import Clock, EventLog
from application.repository import Receipt, Repository
from domain.identity import account as accounts
from domain.identity import session as sessions
from domain.identity.account import Account, AccountNotFound, account_stream
from domain.identity.account_events import AccountEvent
from domain.identity.api_key import Scope
from domain.identity.session import Ending, Session, SessionEvent, SessionKind, SessionNotFound
from domain.kernel.errors import Forbidden
from domain.kernel.ids import uuid7

NOTED_EVERY = timedelta(minutes=1)
"""How exactly the last use of a session is known."""


class SignInRefused(Forbidden):
    """The address has no account, or another password; which of these is not told."""

    code = "sign_in_refused"


class EmailNotVerified(Forbidden):
    """The password is right, and nobody has followed the link that proves the address."""

    code = "email_not_verified"


class RefreshRefused(Forbidden):
    """The refresh token is unknown, expired or used, or its session is over."""

    code = "refresh_refused"


class SignedIn(msgspec.Struct, frozen=True, kw_only=True):
    """A session, and the one time that its secrets are seen."""

    session: LiveSession
    scope: Scope
    secrets: IssuedSecrets
    position: int


class SessionBearer(msgspec.Struct, frozen=True, kw_only=True):
    """Who has shown the secret of a session; it proves this until ``expires_at``."""

    session_id: UUID
    user_id: UUID
    scope: Scope
    expires_at: datetime


class Sessions:
    """What signing in and out comes to.

    A session ends with its row, and with its account's generation: an event of
    the account ends all of them at once, before any row is dropped.
    """

    def __init__(
        self, log: EventLog, clock: Clock, *, store: SessionStore, passwords: Passwords, attempts: Attempts
    ) -> None:
        self._clock = clock
        self._store = store
        self._passwords = passwords
        self._attempts = attempts
        self._streams: Repository[Session, SessionEvent] = Repository(
            log, sessions.evolve, missing=SessionNotFound, clock=clock
        )
        self._accounts: Repository[Account, AccountEvent] = Repository(
            log, accounts.evolve, missing=AccountNotFound, clock=clock
        )

    async def sign_in(self, email: str, password: str, kind: SessionKind, *, client: str, call: Call) -> SignedIn:
        """Begin a session; each call begins another.

        ``client`` is the network address that it came from, which is counted and
        not kept.  Answers evenly, accounts that are not there too.  Raises
        `TooMany`, `SignInRefused`, `EmailNotVerified` and `PasswordsBusy`.
        """
        await self._attempts.count(email, client)
        async with evenly():
            account = await self._passwords.found(email)
            if not await self._passwords.matches(account, password) or account is None:
                raise SignInRefused("the address or the password is not right")
            if not account.verified:
                raise EmailNotVerified("follow the link in the mail that was sent to this address, or ask for another")
            return await self.begin(account, kind, call)

    async def begin(self, account: Account, kind: SessionKind, call: Call) -> SignedIn:
        """A new session of the account, for somebody who has proved that it is theirs."""
        now = self._clock()
        session_id, expiries = uuid7(now), Expiries.of(kind, now)
        session = LiveSession(
            session_id=session_id,
            user_id=account.user_id,
            kind=kind,
            generation=account.generation,
            opened_at=now,
            seen_at=now,
            idle_at=expiries.idle_at,
            expires_at=expiries.expires_at,
        )
        by = user_by_proof(account.user_id, call).without_once()
        receipt = await self._streams.begin(
            session_id,
            lambda there: sessions.begin(there, user_id=account.user_id, kind=kind),
            by=by,
            subject_id=account.user_id,
        )
        issued = issue_secrets(kind, expiries)
        await self._store.add(session, issued.kept())
        return SignedIn(session=session, scope=account.scope, secrets=issued, position=receipt.position)

    async def refresh(self, token: str, call: Call) -> SignedIn:
        """New tokens for a refresh token, which is used up.

        One that comes a second time has been copied by somebody: nobody can tell
        which of the two is the owner, so the session ends.  Raises `RefreshRefused`.
        """
        digest = digest_of(token, Purpose.REFRESH)
        found = await self._store.find(digest) if digest else None
        if digest is None or found is None:
            raise _refused()
        session, secret = found
        if secret.used_at is not None:
            await self._end_reused(session, call)
        account = await self._account_of(session, secret)
        if account is None:
            raise _refused()
        now = self._clock()
        expiries = Expiries.of(session.kind, now).within(session.expires_at)
        issued = issue_secrets(session.kind, expiries)
        if not await self._store.renew(digest, issued.kept(), now=now, idle_at=expiries.idle_at):
            await self._end_reused(session, call)
        renewed = msgspec.structs.replace(session, seen_at=now, idle_at=expiries.idle_at)
        return SignedIn(session=renewed, scope=account.scope, secrets=issued, position=0)

    async def bearer(self, secret: str) -> SessionBearer | None:
        """Who shows an access token or the secret of a browser; None for one that opens nothing, whatever the cause.

        Asks the session's row and the account's stream, so that an end and a
        change of roles count at once.
        """
        purpose = Purpose.BROWSER if secret.startswith("ps_") else Purpose.ACCESS
        digest = digest_of(secret, purpose)
        found = await self._store.find(digest) if digest else None
        if found is None:
            return None
        session, known = found
        account = await self._account_of(session, known)
        if account is None or known.purpose is not purpose:
            return None
        await self._note_use(session)
        until = min(known.expires_at, session.expires_at)
        return SessionBearer(
            session_id=session.session_id, user_id=session.user_id, scope=account.scope, expires_at=until
        )

    async def of(
        self, by: Actor, *, limit: int, before: UUID | None = None, user_id: UUID | None = None
    ) -> Sequence[LiveSession]:
        """The actor's own sessions or those of ``user_id``, the one opened last first.

        ``before`` is the last of the page before.  Raises `NotAUser` and `NotThisUser`.
        """
        user_id = user_id or by.themself
        by.require_self(user_id)
        try:
            account = await self._accounts.get(account_stream(user_id))
        except AccountNotFound:
            return []
        now = self._clock()
        found = await self._store.of_user(user_id, generation=account.generation, limit=limit, before=before)
        return [session for session in found if session.lives_at(now)]

    async def sign_out(self, session_id: UUID, by: Actor) -> Receipt:
        """End one session, the actor's own.  Raises `SessionNotFound`; ending it again changes nothing."""
        session = await self._streams.get(session_id)
        if not by.acts_for(session.user_id):
            raise SessionNotFound("there is no such session")
        return await self._end(session.user_id, session_id, Ending.SIGNED_OUT, by)

    async def sign_out_everywhere(self, user_id: UUID, by: Actor) -> Receipt:
        """End every session that the user has now.  Raises `NotThisUser` and `AccountNotFound`."""
        by.require_self(user_id)
        account = await self._accounts.get(account_stream(user_id))
        receipt = await self._accounts.change(
            account_stream(user_id),
            lambda present: accounts.end_sessions(present, generation=account.generation),
            by=by,
            subject_id=user_id,
        )
        await self.clear(user_id, Ending.EVERYWHERE, by)
        return receipt

    async def clear(self, user_id: UUID, reason: Ending, by: Actor, *, but: UUID | None = None) -> None:
        """Drop what an event of the account has ended; ``but`` goes on living in its present generation."""
        if but is not None:
            account = await self._accounts.get(account_stream(user_id))
            await self._store.carry_over(but, account.generation)
        await self.note_ended(user_id, await self._store.drop_all(user_id, but=but), reason, by)

    async def note_ended(self, user_id: UUID, session_ids: Sequence[UUID], reason: Ending, by: Actor) -> None:
        """Record why sessions of a user are over whose rows are gone."""
        for session_id in session_ids:
            await self._note_end(user_id, session_id, reason, by.without_once())

    async def _end(self, user_id: UUID, session_id: UUID, reason: Ending, by: Actor) -> Receipt:
        # The row first: should the platform fall between the two, the session is over and only the reason unknown.
        await self._store.drop(session_id)
        return await self._note_end(user_id, session_id, reason, by)

    async def _note_end(self, user_id: UUID, session_id: UUID, reason: Ending, by: Actor) -> Receipt:
        return await self._streams.change(
            session_id, lambda session: sessions.end(session, reason=reason), by=by, subject_id=user_id
        )

    async def _end_reused(self, session: LiveSession, call: Call) -> None:
        """Raises `RefreshRefused`."""
        by = msgspec.structs.replace(user_by_proof(session.user_id, call), id="visitor").without_once()
        await self._end(session.user_id, session.session_id, Ending.TOKEN_REUSED, by)
        raise _refused()

    async def _account_of(self, session: LiveSession, secret: Secret) -> Account | None:
        """The account, if the session lives and the secret has not expired."""
        now = self._clock()
        if not session.lives_at(now) or now >= secret.expires_at:
            return None
        account = await self._accounts.get(account_stream(session.user_id))
        return account if account.generation == session.generation and not account.closed else None

    async def _note_use(self, session: LiveSession) -> None:
        now = self._clock()
        if now - session.seen_at >= NOTED_EVERY:
            idle_at = Expiries.of(session.kind, now).within(session.expires_at).idle_at
            await self._store.seen(session.session_id, now=now, idle_at=idle_at)


def _refused() -> RefreshRefused:
    return RefreshRefused("this refresh token does not work any more: sign in again")
