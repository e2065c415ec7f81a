"""Tells all processes at once that a subject's key was destroyed, so that none of them goes on using it.

Whoever does not hear it finds out by itself within seconds: see
`adapters.postgres.subject_keys.CACHE_SECONDS`.
"""

import asyncio
from collections.abc import Callable
from uuid import UUID

from nats.aio.msg import Msg

from adapters.nats.connection import NatsConnection
from adapters.postgres.log import Pool
from adapters.postgres.subject_keys import SubjectKeys

SUBJECT = "playhead.subjects.forgotten"


class Forgetting:
    """Passes on whose key is gone, both ways."""

    def __init__(self, connection: NatsConnection) -> None:
        self._connection = connection
        self._telling: set[asyncio.Task[bool]] = set()

    def tell(self, subject_id: UUID) -> None:
        """Let the others know; costs the caller nothing."""
        telling = asyncio.create_task(self._connection.publish(SUBJECT, subject_id.bytes))
        self._telling.add(telling)
        telling.add_done_callback(self._telling.discard)

    async def listen(self, forget: Callable[[UUID], None]) -> None:
        """Call ``forget`` with everybody whom others tell of."""

        async def heard(message: Msg) -> None:
            forget(UUID(bytes=message.data))

        await self._connection.subscribe(SUBJECT, heard)


async def open_subject_keys(pool: Pool, master_key: str, nats: NatsConnection) -> SubjectKeys:
    """The keys of subjects; what one process destroys, all forget."""
    forgetting = Forgetting(nats)
    keys = SubjectKeys(pool, master_key, destroyed=forgetting.tell)
    await forgetting.listen(keys.forget)
    return keys
