"""Who asks, in which call, and what that lets them do."""

from uuid import UUID

import msgspec

from domain.identity.api_key import Scope
from domain.kernel.errors import Forbidden


class NotThisUser(Forbidden):
    """The actor may act for themself only."""

    code = "not_this_user"


class ScopeMissing(Forbidden):
    """The actor's scope does not cover this."""

    code = "scope_missing"


class NotAUser(Forbidden):
    """The actor is no user: a service, say."""

    code = "not_a_user"


class Once(msgspec.Struct, frozen=True):
    """A call that takes effect once, however often it is sent.

    ``key`` (32 bytes, SHA-256) is derived from the caller and the key they
    chose; ``digest`` (likewise) from all that they ask for, so that the same key
    with another question can be told.
    """

    key: bytes
    digest: bytes


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """The asking, as opposed to who asks.

    ``id`` is what facts record as their correlation, ``traceparent`` the W3C
    trace context that they carry on (https://www.w3.org/TR/trace-context/).
    ``expected_version`` is the version that the thing asked for must have.
    """

    id: UUID
    traceparent: str | None = None
    once: Once | None = None
    expected_version: int | None = None


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks.

    ``id`` is what facts record, as ``user:<uuid>`` or ``api_key:<uuid>``.
    ``user_id`` is the user whom the actor is, if they are one: whoever signed in,
    whatever their scope, and the bearer of a user's key.  ``session_id`` is
    where they signed in.
    """

    id: str
    scope: Scope
    call: Call
    user_id: UUID | None = None
    session_id: UUID | None = None

    def acts_for(self, user_id: UUID) -> bool:
        """Whether the actor is this user, or a service or an admin who may stand in for them."""
        return self.scope in {Scope.SERVICE, Scope.ADMIN} or self.user_id == user_id

    def require_self(self, user_id: UUID) -> None:
        """Raises `NotThisUser` unless the actor `acts_for` the user."""
        if not self.acts_for(user_id):
            raise NotThisUser("you may act only for the user your key belongs to")

    def require_creator(self) -> None:
        """Raises `ScopeMissing` for somebody who is a user and nothing more."""
        if self.scope is Scope.USER:
            raise ScopeMissing("only creators make videos: take the role creator first, or use a key of that scope")

    @property
    def themself(self) -> UUID:
        """The user whom the actor is; raises `NotAUser`."""
        if self.user_id is None:
            raise NotAUser("this is about the account of whoever asks, and a key of this scope has none")
        return self.user_id

    def require(self, *scopes: Scope) -> None:
        """Raises `ScopeMissing` unless the actor has one of ``scopes``."""
        if self.scope not in scopes:
            raise ScopeMissing(f"this needs a key of scope {' or '.join(scopes)}")

    def without_once(self) -> "Actor":
        """The actor, for the second and later appends of a call: only one may note that the call took effect."""
        call = msgspec.structs.replace(self.call, once=None, expected_version=None)
        return msgspec.structs.replace(self, call=call)


def visitor(call: Call) -> Actor:
    """Somebody who has shown nothing."""
    return Actor(id="visitor", scope=Scope.USER, call=call)


def user_by_proof(user_id: UUID, call: Call) -> Actor:
    """Somebody who has shown within this call that they are the user, by a password or by a link that was mailed."""
    return Actor(id=f"user:{user_id}", scope=Scope.USER, call=call, user_id=user_id)
