"""Commands on users."""

from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from application.actor import Actor
from application.ports import Clock, EventLog
from application.repository import Receipt, Repository
from domain.identity import user as users
from domain.identity.user import Attributes, User, UserEvent, UserNotFound

Word = Annotated[str, Meta(min_length=1, max_length=128)]


class UserAttributes(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What callers and history files may tell of a user; ``country`` is ISO 3166-1 alpha-2."""

    name: Word | None = None
    email: Annotated[str, Meta(max_length=254, pattern=r"^[^@\s]+@[^@\s]+$")] | None = None
    birth_year: Annotated[int, Meta(ge=1850, le=2100)] | None = None
    gender: Word | None = None
    country: Annotated[str, Meta(pattern="^[A-Z]{2}$")] | None = None
    signup_source: Word | None = None

    def attributes(self) -> Attributes:
        """The same, as the domain records it."""
        return Attributes(**{field: getattr(self, field) for field in UserAttributes.__struct_fields__})


class Identity:
    """The identity context's command handlers."""

    def __init__(self, log: EventLog, clock: Clock) -> None:
        self._users: Repository[User, UserEvent] = Repository(log, users.evolve, missing=UserNotFound, clock=clock)

    async def register_user(self, user_id: UUID, told: UserAttributes, by: Actor) -> Receipt:
        """Let a user exist; registering again changes nothing.  Raises `NotThisUser`."""
        by.require_self(user_id)
        attributes = told.attributes()
        return await self._users.begin(
            user_id, lambda user: users.register(user, attributes=attributes), by=by, subject_id=user_id
        )

    async def change_user(self, user_id: UUID, told: UserAttributes, by: Actor) -> Receipt:
        """Replace what is known of a user.  Raises `NotThisUser` and `UserNotFound`."""
        by.require_self(user_id)
        attributes = told.attributes()
        return await self._users.change(
            user_id, lambda user: users.change_attributes(user, attributes=attributes), by=by, subject_id=user_id
        )

    async def user(self, user_id: UUID, by: Actor) -> User:
        """What is known of a user, as of now.  Raises `NotThisUser` and `UserNotFound`."""
        user, _ = await self.user_seen(user_id, by)
        return user

    async def user_seen(self, user_id: UUID, by: Actor) -> tuple[User, int]:
        """As `user`, with the version that it is."""
        by.require_self(user_id)
        return await self._users.seen(user_id)
