"""Removes what is kept for one user; it would die by itself within minutes."""

from uuid import UUID

from adapters.redis.connection import RedisConnection
from adapters.redis.freshness import PREFIX


class KeptAnswers:
    """The `Trace` that a user's recommendations leave in Redis."""

    def __init__(self, connection: RedisConnection) -> None:
        self._connection = connection

    async def forget(self, user_id: UUID) -> None:
        """Remove the user's answers and the mark of their last interaction; what is away has nothing to remove."""
        await self._connection.remove(f"{PREFIX}:{{user:{user_id}}}:*")
