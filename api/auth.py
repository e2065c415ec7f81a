"""Who asks: an API key in ``Authorization: Bearer``, and the id of the request."""

import hashlib
import time
from collections import OrderedDict
from typing import Any, TypeAlias
from uuid import UUID

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.middleware import AbstractAuthenticationMiddleware, AuthenticationResult
from litestar.types import ASGIApp

from api.problems import Unauthenticated
from application.actor import Actor, Call
from application.identity import Identity
from application.ports import Clock
from domain.identity.api_key import ApiKey

KNOWN_SECONDS = 2.0
"""How long an answer about a key is believed, and so how long a revoked key may go on opening doors."""

KNOWN_KEYS = 4096
LONGEST_HEADER = 256

ApiRequest: TypeAlias = Request[Actor, None, State]
"""A request under ``/api``: its ``user`` is the actor."""

Bearer: TypeAlias = tuple[UUID, ApiKey]


class Bearers:
    """`Identity.bearer`, remembered for `KNOWN_SECONDS`; keys that open nothing are remembered too.

    Keys are kept as digests only.  An expiry counts at once.
    """

    def __init__(self, identity: Identity, clock: Clock) -> None:
        self._identity = identity
        self._clock = clock
        self._known: OrderedDict[bytes, tuple[float, Bearer | None]] = OrderedDict()

    async def find(self, key: str) -> Bearer | None:
        """The key's id and what it may do; None for one that opens nothing."""
        digest = hashlib.sha256(key.encode()).digest()
        known = self._known.get(digest)
        if known is None or time.monotonic() - known[0] > KNOWN_SECONDS:
            asked = time.monotonic()
            known = self._known[digest] = (asked, await self._identity.bearer(key))
            self._known.move_to_end(digest)
            while len(self._known) > KNOWN_KEYS:
                self._known.popitem(last=False)
        bearer = known[1]
        return bearer if bearer and bearer[1].opens_at(self._clock()) else None


class BearerAuthentication(AbstractAuthenticationMiddleware):
    """Lets in who shows a key, as an `Actor`; raises `Unauthenticated` else, before the body is read."""

    def __init__(self, app: ASGIApp, bearers: Bearers) -> None:
        super().__init__(app)
        self._bearers = bearers

    async def authenticate_request(self, connection: ASGIConnection[Any, Any, Any, Any]) -> AuthenticationResult:
        """The actor of the connection."""
        header = connection.headers.get("authorization", "")
        scheme, _, key = header.partition(" ")
        if scheme.lower() != "bearer" or len(header) > LONGEST_HEADER:
            raise Unauthenticated
        if (bearer := await self._bearers.find(key.strip())) is None:
            raise Unauthenticated
        return AuthenticationResult(user=_actor(*bearer, connection.scope["state"]["request_id"]), auth=None)


def _actor(key_id: UUID, key: ApiKey, request_id: UUID) -> Actor:
    return Actor(
        id=f"api_key:{key_id}" if key.user_id is None else f"user:{key.user_id}",
        scope=key.scope,
        call=Call(id=request_id),
        user_id=key.user_id,
    )
