"""What the platform holds about a person, heading by heading: the contents of an export.

A new place for personal data, or for what people do, gets its line here.
"""

from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from uuid import UUID

import msgspec

from adapters.postgres.log import PostgresLog
from adapters.postgres.mails import PostgresMails
from adapters.postgres.sessions import PostgresSessions
from adapters.postgres.videos import PostgresVideos
from application.identity.subjects import Holding
from domain.identity import account as accounts
from domain.identity import user as users
from domain.identity.account import Account, Role, account_stream
from domain.identity.api_key import ApiKeyIssued, ApiKeyRevoked, Scope
from domain.identity.user import Attributes, User
from domain.kernel.event import Event
from domain.kernel.personal import Erased

PAGE = 100


class HeldAccount(msgspec.Struct, frozen=True):
    """How somebody signs in; the password itself is held nowhere, and its hash is no answer to anything."""

    email: str | Erased
    verified: bool
    roles: frozenset[Role]
    closed: bool


class HeldKey(msgspec.Struct, kw_only=True):
    """An API key; the secret is held nowhere."""

    key_id: UUID
    scope: Scope
    label: str | Erased
    issued_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None = None


class HeldFact(msgspec.Struct, frozen=True):
    """Something that happened, as it is recorded; ``by`` is who did it."""

    event_id: UUID
    occurred_at: datetime
    recorded_at: datetime
    by: str
    event: Event


class Holdings:
    """Reads all of it, a page at a time."""

    def __init__(
        self,
        logs: Mapping[str, PostgresLog],
        *,
        sessions: PostgresSessions,
        outbox: PostgresMails,
        videos: PostgresVideos,
    ) -> None:
        self._logs = logs
        self._sessions = sessions
        self._outbox = outbox
        self._videos = videos

    def by_heading(self) -> Mapping[str, Holding]:
        """In the order in which they are shown."""
        return {
            "user": self._user,
            "account": self._account,
            "sessions": self._live_sessions,
            "api_keys": self._keys,
            "mails": self._mails,
            "videos": self._works,
            "identity": lambda user_id: self._facts("identity", user_id),
            "interactions": lambda user_id: self._facts("engagement", user_id),
        }

    async def _user(self, user_id: UUID) -> AsyncIterator[Attributes | Erased]:
        user: User | None = None
        for fact in await self._logs["identity"].stream(user_id):
            user = users.evolve(user, fact.event)
        if user is not None:
            yield user.attributes

    async def _account(self, user_id: UUID) -> AsyncIterator[HeldAccount]:
        if (account := await self._account_of(user_id)) is not None:
            yield HeldAccount(account.email, account.verified, account.roles, account.closed)

    async def _live_sessions(self, user_id: UUID) -> AsyncIterator[object]:
        if (account := await self._account_of(user_id)) is None:
            return
        before: UUID | None = None
        while page := await self._sessions.of_user(user_id, generation=account.generation, limit=PAGE, before=before):
            for session in page:
                yield session
            before = page[-1].session_id

    async def _keys(self, user_id: UUID) -> AsyncIterator[HeldKey]:
        keys: dict[UUID, HeldKey] = {}
        async for fact in self._logs["identity"].of_subject(user_id):
            match fact.event:
                case ApiKeyIssued(scope=scope, label=label, expires_at=expires_at):
                    keys[fact.stream_id] = HeldKey(
                        key_id=fact.stream_id,
                        scope=scope,
                        label=label,
                        issued_at=fact.occurred_at,
                        expires_at=expires_at,
                    )
                case _:
                    pass
        for key in keys.values():
            for fact in await self._logs["identity"].stream(key.key_id):
                if isinstance(fact.event, ApiKeyRevoked):
                    key.revoked_at = fact.occurred_at
            yield key

    async def _mails(self, user_id: UUID) -> AsyncIterator[object]:
        before: UUID | None = None
        while page := await self._outbox.list(user_id=user_id, before=before, limit=PAGE):
            for mail in page:
                yield mail
            before = page[-1].mail_id

    async def _works(self, user_id: UUID) -> AsyncIterator[object]:
        before: tuple[datetime, UUID] | None = None
        while page := await self._videos.by_creator(user_id, own=True, limit=PAGE, before=before):
            for video in page:
                yield video
            before = (page[-1].drafted_at, page[-1].video_id)

    async def _facts(self, log: str, user_id: UUID) -> AsyncIterator[HeldFact]:
        async for fact in self._logs[log].of_subject(user_id):
            yield HeldFact(fact.event_id, fact.occurred_at, fact.recorded_at, fact.actor_id, fact.event)

    async def _account_of(self, user_id: UUID) -> Account | None:
        account: Account | None = None
        for fact in await self._logs["identity"].stream(account_stream(user_id)):
            account = accounts.evolve(account, fact.event)
        return account
