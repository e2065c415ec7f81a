"""Who looks at a page."""

from collections.abc import Mapping
from typing import Any, TypeAlias
from uuid import UUID

import msgspec
from litestar import Request

from application.actor import Actor
from domain.identity.api_key import Scope

PageRequest: TypeAlias = Request[Any, Any, Any]
"""A request for a page, by whomever."""

STRANGER = UUID(int=0)
"""Whom the recommender is asked about for visitors: nobody has heard of them."""


class Viewer(msgspec.Struct, frozen=True):
    """Somebody who is signed in."""

    user_id: UUID
    actor: Actor

    @property
    def may_look_after(self) -> bool:
        """Whether they may see how the platform is."""
        return self.actor.scope in {Scope.ADMIN, Scope.AUDITOR}


def viewer_of(request: PageRequest) -> Viewer | None:
    """Who is signed in in this browser; None for a visitor."""
    reached: Mapping[str, Any] = {**request.scope}  # before authentication nobody is in it
    actor: Actor | None = reached.get("user")
    return None if actor is None or actor.user_id is None else Viewer(actor.user_id, actor)


class SignInNeeded(Exception):
    """The page is for somebody; answered with the way to the sign-in page, and back."""


def signed_in(request: PageRequest) -> Viewer:
    """Who is signed in.  Raises `SignInNeeded`."""
    if (viewer := viewer_of(request)) is None:
        raise SignInNeeded
    return viewer
