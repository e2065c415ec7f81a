"""What accounts are beside users."""

from uuid import UUID

from application.actor import Actor
from application.ports import Clock, EventLog
from application.repository import Receipt, Repository
from domain.identity import account as accounts
from domain.identity.account import Account, AccountNotFound, account_stream
from domain.identity.account_events import AccountEvent, Role
from domain.identity.api_key import Scope


class Roles:
    """Everybody may be a creator who wants to; the other roles are given and taken by admins."""

    def __init__(self, log: EventLog, clock: Clock) -> None:
        self._accounts: Repository[Account, AccountEvent] = Repository(
            log, accounts.evolve, missing=AccountNotFound, clock=clock
        )

    async def grant(self, user_id: UUID, role: Role, by: Actor) -> Receipt:
        """Let an account be this too.

        Raises `NotThisUser`, `ScopeMissing`, `AccountNotFound`, `AccountIsClosed`
        and `AccountNotVerified`.
        """
        _require_granter(user_id, role, by)
        return await self._accounts.change(
            account_stream(user_id), lambda account: accounts.grant(account, role=role), by=by, subject_id=user_id
        )

    async def revoke(self, user_id: UUID, role: Role, by: Actor) -> Receipt:
        """Let an account be this no more.  Raises `NotThisUser`, `ScopeMissing` and `AccountNotFound`."""
        _require_granter(user_id, role, by)
        return await self._accounts.change(
            account_stream(user_id), lambda account: accounts.revoke(account, role=role), by=by, subject_id=user_id
        )


def _require_granter(user_id: UUID, role: Role, by: Actor) -> None:
    by.require_self(user_id)
    if role is not Role.CREATOR:
        by.require(Scope.ADMIN)
