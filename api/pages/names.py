"""What creators are called: personal data, so in no read model; asked of the identity context, and soon forgotten."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from uuid import UUID

from application.actor import Actor, Call
from application.identity.users import Identity
from domain.identity.api_key import Scope
from domain.identity.user import UserNotFound
from domain.kernel.personal import Erased

KNOWN_SECONDS = 10.0
"""As long as keys of subjects are kept by whoever does not hear of an erasure: no name outlives its key for longer."""

KNOWN_NAMES = 10_000
AT_ONCE = 4
"""Streams read at the same time for one page: the other half of the connections is left to others."""


class Names:
    """Names by user, remembered for a moment."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity
        self._known: OrderedDict[UUID, tuple[float, str]] = OrderedDict()
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def of(self, user_ids: Iterable[UUID]) -> Mapping[UUID, str]:
        """A name for each: their own, or a neutral one for those who are unknown, erased or gave none."""
        wanted = list(dict.fromkeys(user_ids))
        return dict(zip(wanted, await asyncio.gather(*map(self._name, wanted)), strict=True))

    async def _name(self, user_id: UUID) -> str:
        known = self._known.get(user_id)
        if known is None or time.monotonic() - known[0] > KNOWN_SECONDS:
            asked = time.monotonic()
            known = self._known[user_id] = (asked, await self._ask(user_id))
            self._known.move_to_end(user_id)
            while len(self._known) > KNOWN_NAMES:
                self._known.popitem(last=False)
        return known[1]

    async def _ask(self, user_id: UUID) -> str:
        pages = Actor(id="system:pages", scope=Scope.SERVICE, call=Call(id=user_id))
        async with self._turns:
            try:
                attributes = (await self._identity.user(user_id, pages)).attributes
            except UserNotFound:
                return neutral_name(user_id)
        name = None if isinstance(attributes, Erased) else attributes.name
        return name or neutral_name(user_id)


def neutral_name(user_id: UUID) -> str:
    """What somebody without a name is called: the same for as long as they are."""
    return f"Creator {user_id.hex[-4:].upper()}"
