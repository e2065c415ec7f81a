"""What opens the door: API keys, access tokens and the cookies of browsers, remembered for a moment."""

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import msgspec

from application.identity.api_keys import KEY_PREFIX, ApiKeys, KeyUses
from application.identity.sessions import Sessions
from application.ports import Clock
from domain.identity.api_key import Scope

KNOWN_SECONDS = 2.0
"""How long an answer about a secret is believed, and so how long a revoked one may go on opening doors."""

KNOWN_SECRETS = 4096


class Bearer(msgspec.Struct, frozen=True, kw_only=True):
    """Who has shown a secret; it opens nothing from ``expires_at`` on."""

    actor_id: str
    scope: Scope
    user_id: UUID | None
    session_id: UUID | None = None
    key_id: UUID | None = None
    expires_at: datetime | None = None


class Bearers:
    """`ApiKeys.bearer` and `Sessions.bearer`, remembered for `KNOWN_SECONDS`; so is what opens nothing.

    Secrets are kept as digests only.  An expiry counts at once.
    """

    def __init__(self, keys: ApiKeys, sessions: Sessions, clock: Clock, *, uses: KeyUses) -> None:
        self._keys = keys
        self._uses = uses
        self._sessions = sessions
        self._clock = clock
        self._known: OrderedDict[bytes, tuple[float, Bearer | None]] = OrderedDict()

    async def find(self, secret: str) -> Bearer | None:
        """Who shows it; None for one that opens nothing."""
        digest = hashlib.sha256(secret.encode()).digest()
        known = self._known.get(digest)
        if known is None or time.monotonic() - known[0] > KNOWN_SECONDS:
            asked = time.monotonic()
            known = self._known[digest] = (asked, await self._ask(secret))
            self._known.move_to_end(digest)
            while len(self._known) > KNOWN_SECRETS:
                self._known.popitem(last=False)
        bearer, now = known[1], self._clock()
        if bearer is None or (bearer.expires_at is not None and now >= bearer.expires_at):
            return None
        if bearer.key_id is not None:
            self._uses.note(bearer.key_id, bearer.user_id, now)
        return bearer

    def forget_user(self, user_id: UUID) -> None:
        """Ask anew about all that a user has shown: what they may do has changed."""
        self._forget(lambda bearer: bearer.user_id == user_id)

    def forget_session(self, session_id: UUID) -> None:
        """Ask anew about a session."""
        self._forget(lambda bearer: bearer.session_id == session_id)

    def forget_key(self, key_id: UUID) -> None:
        """Ask anew about a key."""
        self._forget(lambda bearer: bearer.key_id == key_id)

    def _forget(self, changed: Callable[[Bearer], bool]) -> None:
        for digest in [digest for digest, (_, bearer) in self._known.items() if bearer and changed(bearer)]:
            del self._known[digest]

    async def _ask(self, secret: str) -> Bearer | None:
        if not secret.startswith(f"{KEY_PREFIX}_"):
            return await self._session(secret)
        if (found := await self._keys.bearer(secret)) is None:
            return None
        key_id, key = found
        return Bearer(
            actor_id=f"api_key:{key_id}" if key.user_id is None else f"user:{key.user_id}",
            scope=key.scope,
            user_id=key.user_id,
            key_id=key_id,
            expires_at=key.expires_at,
        )

    async def _session(self, secret: str) -> Bearer | None:
        if (found := await self._sessions.bearer(secret)) is None:
            return None
        return Bearer(
            actor_id=f"user:{found.user_id}",
            scope=found.scope,
            user_id=found.user_id,
            session_id=found.session_id,
            expires_at=found.expires_at,
        )
