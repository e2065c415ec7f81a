"""The read model of ``projections/creators.py``."""

from uuid import UUID

from adapters.postgres.counters import PostgresCounters
from projections.creators import CreatorCounts, Creators


class PostgresCreators(PostgresCounters[CreatorCounts]):
    """A `CreatorsView`."""

    name = Creators.name
    version = Creators.version
    logs = Creators.logs
    key = "creator_id"
    counted = CreatorCounts

    async def creator(self, creator_id: UUID) -> CreatorCounts | None:
        """One creator's counts; None for somebody whom no video and no follow names."""
        counts = await self._counts(creator_id)
        return None if counts is None else CreatorCounts(*counts)
