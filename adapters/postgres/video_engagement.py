"""The read model of ``projections/video_engagement.py``."""

from uuid import UUID

from adapters.postgres.counters import PostgresCounters
from projections.video_engagement import EngagementCounts, VideoEngagement


class PostgresVideoEngagement(PostgresCounters[EngagementCounts]):
    """A `VideoEngagementView`."""

    name = VideoEngagement.name
    version = VideoEngagement.version
    logs = VideoEngagement.logs
    key = "video_id"
    counted = EngagementCounts

    async def counts(self, video_id: UUID) -> EngagementCounts:
        """One video's counts; all zero if nobody touched it."""
        return EngagementCounts(*(await self._counts(video_id) or ()))
