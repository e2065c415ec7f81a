"""What is held about a person: shown to them, or forgotten.

An erasure is an event, `UserErased`, and then work that is done by whoever asked
and again by a reactor (`workers/erasures.py`): every step may be repeated, so
that a fall at any moment is made up for.  What "forgotten" means for each thing
that is held is written down in ``docs/guides/erasure.md``.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any, Protocol
from uuid import UUID

import msgspec

from application.actor import Actor, NotThisUser
from application.identity.accounts import Accounts
from application.limits import Limit, Limiter, TooMany
from application.ports import Clock, EventLog
from application.repository import Receipt, Repository
from domain.identity import api_key as api_keys
from domain.identity import user as users
from domain.identity.account import AccountNotFound
from domain.identity.api_key import ApiKey, ApiKeyEvent, ApiKeyIssued, ApiKeyNotFound, Scope
from domain.identity.user import User, UserEvent, UserNotFound
from domain.kernel.event import Fact

EXPORTS = Limit("exports", 5, 3600)
"""Of one person, by themself: each reads the engagement log through."""

FORM = "playhead.subject.1"
"""Which keys an export has; another number if one of them ever changes its meaning."""

Holding = Callable[[UUID], AsyncIterator[object]]
"""Yields what is held about a person under one heading, one JSON-able thing at a time."""


class SubjectLog(EventLog, Protocol):
    """A log that can be asked for everything about one person."""

    def of_subject(self, subject_id: UUID) -> AsyncIterator[Fact[Any]]:
        """The facts whose subject this is, oldest first; a page of them in memory at a time."""
        ...


class SubjectVault(Protocol):
    """The keys that personal data is sealed with."""

    async def destroy(self, subject: UUID) -> None:
        """Make what is sealed for this person unreadable, for good; repeatable."""
        ...

    async def shred(self) -> None:
        """Leave no destroyed key behind in files; repeatable."""
        ...


class Trace(Protocol):
    """Something that is left of a person outside the logs and the vault: mails, answers that are kept."""

    async def forget(self, user_id: UUID) -> None:
        """Remove it; repeatable."""
        ...


class Subjects:
    """Export and erasure, for the person themself and for admins."""

    def __init__(
        self,
        log: SubjectLog,
        clock: Clock,
        *,
        accounts: Accounts,
        limiter: Limiter,
        vault: SubjectVault,
        traces: Sequence[Trace],
        holdings: Mapping[str, Holding],
    ) -> None:
        self._log = log
        self._clock = clock
        self._accounts = accounts
        self._limiter = limiter
        self._vault = vault
        self._traces = traces
        self._holdings = holdings
        self._users: Repository[User, UserEvent] = Repository(log, users.evolve, missing=UserNotFound, clock=clock)
        self._keys: Repository[ApiKey, ApiKeyEvent] = Repository(
            log, api_keys.evolve, missing=ApiKeyNotFound, clock=clock
        )

    async def export(self, user_id: UUID, by: Actor) -> AsyncIterator[bytes]:
        """All that is held about a person, as the pieces of one JSON document.

        The document has a list for each heading; one thing of it is in memory at a
        time.  What was erased is shown as erased.  Raises `NotThisUser` and
        `TooMany` at once.
        """
        _require_self_or_admin(by, user_id)
        if by.scope is not Scope.ADMIN:
            verdict = await self._limiter.take(EXPORTS, str(user_id))
            if not verdict.allowed:
                raise TooMany(verdict)
        return self._pieces(user_id)

    async def erase(self, user_id: UUID, by: Actor) -> Receipt:
        """Forget a person; returns once it is done.  Raises `NotThisUser`; erasing again changes nothing.

        Registered or not: somebody who was only ever named by what they did can
        be forgotten, too.
        """
        _require_self_or_admin(by, user_id)
        receipt = await self._users.begin(user_id, users.erase, by=by, subject_id=user_id)
        await self.carry_out_erasure(user_id, by.without_once())
        return receipt

    async def carry_out_erasure(self, user_id: UUID, by: Actor) -> None:
        """Whenever a user was erased, forget all that the platform holds about them; repeatable at any step.

        First nobody can come in as them any more, then nothing can be read, then
        what lies about is removed.
        """
        admin = msgspec.structs.replace(by, scope=Scope.ADMIN)
        try:
            await self._accounts.close(user_id, admin)
        except AccountNotFound:
            await self._accounts.forget(user_id, admin)
        await self._revoke_keys(user_id, by)
        await self._vault.destroy(user_id)
        for trace in self._traces:
            await trace.forget(user_id)
        await self._vault.shred()

    async def _revoke_keys(self, user_id: UUID, by: Actor) -> None:
        async for fact in self._log.of_subject(user_id):
            if isinstance(fact.event, ApiKeyIssued) and fact.event.user_id == user_id:
                await self._keys.change(fact.stream_id, api_keys.revoke, by=by, subject_id=user_id)

    async def _pieces(self, user_id: UUID) -> AsyncIterator[bytes]:
        try:
            erased = (await self._users.get(user_id)).erased
        except UserNotFound:
            erased = False
        opening = {"form": FORM, "user_id": user_id, "exported_at": self._clock(), "erased": erased}
        yield msgspec.json.encode(opening)[:-1]
        for heading, holding in self._holdings.items():
            yield b",\n%s:[" % msgspec.json.encode(heading)
            separator = b"\n"
            async for thing in holding(user_id):
                yield separator + msgspec.json.encode(thing)
                separator = b",\n"
            yield b"]"
        yield b"}\n"


def _require_self_or_admin(by: Actor, user_id: UUID) -> None:
    """A service stands in for users in much, and not in this."""
    if by.user_id != user_id and by.scope is not Scope.ADMIN:
        raise NotThisUser("only the person themself and admins may ask for this")
