"""A user: registered once, with attributes that can be changed and erased.

Read top to bottom: what can happen (events), what we remember (`User`), how
remembering works (`evolve`), and what may be decided (`register`,
`change_attributes`, `erase`).  A decision returns the events it makes true; an empty
list means it was true already, so every decision can be retried.
"""

from collections.abc import Sequence
from typing import assert_never

import msgspec

from domain.kernel.errors import Conflict, NotFound
from domain.kernel.event import Event
from domain.kernel.personal import ERASED, Personal

# --- events ---------------------------------------------------------------


class Attributes(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="known", tag_field="kind"):
    """What a user tells about themself; everything is optional.

    ``country`` is an ISO 3166-1 alpha-2 code, ``gender`` and ``signup_source``
    are the platform's own words.
    """

    name: str | None = None
    email: str | None = None
    birth_year: int | None = None
    gender: str | None = None
    country: str | None = None
    signup_source: str | None = None


class UserRegistered(Event, frozen=True, kw_only=True, tag="identity.user_registered"):
    """Somebody can now be told apart from others; the stream is the user."""

    attributes: Personal[Attributes]


class UserAttributesChanged(Event, frozen=True, kw_only=True, tag="identity.user_attributes_changed"):
    """``attributes`` replace all that were known before."""

    attributes: Personal[Attributes]


class UserErased(Event, frozen=True, kw_only=True, tag="identity.user_erased"):
    """The user is to be forgotten: whatever is known of them in any log reads as erased from now on.

    It may be all that their stream holds: somebody who was only ever named by
    what they did can be forgotten, too.
    """


UserEvent = UserRegistered | UserAttributesChanged | UserErased

# --- errors ---------------------------------------------------------------


class UserNotFound(NotFound):
    """No user is registered under this id."""

    code = "user_not_found"


class UserIsErased(Conflict):
    """The user was erased: nothing is recorded about them again."""

    code = "user_erased"


# --- state ----------------------------------------------------------------


class User(msgspec.Struct, frozen=True):
    """What later decisions need to know, and no more."""

    attributes: Personal[Attributes]
    erased: bool = False


def evolve(user: User | None, event: UserEvent) -> User:
    """The user after ``event``; total over all events, and never raises on a valid log."""
    if user is not None and user.erased:
        return user
    match event:
        case UserErased():
            return User(ERASED, erased=True)
        case UserRegistered() | UserAttributesChanged():
            return User(event.attributes)
        case _:
            assert_never(event)


# --- decisions ------------------------------------------------------------


def register(user: User | None, *, attributes: Attributes) -> Sequence[UserEvent]:
    """Let a user exist; one who is registered already stays as they are.  Raises `UserIsErased`."""
    _refuse_erased(user)
    return [] if user else [UserRegistered(attributes=attributes)]


def change_attributes(user: User, *, attributes: Attributes) -> Sequence[UserEvent]:
    """Replace what is known about a user; raises `UserIsErased`."""
    _refuse_erased(user)
    return [] if user.attributes == attributes else [UserAttributesChanged(attributes=attributes)]


def erase(user: User | None) -> Sequence[UserEvent]:
    """Forget a user, for good, whether they were registered or only named."""
    return [] if user is not None and user.erased else [UserErased()]


def _refuse_erased(user: User | None) -> None:
    if user is not None and user.erased:
        raise UserIsErased("this user was erased")
