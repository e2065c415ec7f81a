"""The read model of ``projections/video_engagement.py``."""

from collections.abc import Sequence
from uuid import UUID

from psycopg.sql import SQL, Identifier

from adapters.postgres.arrays import uuids
from adapters.postgres.counters import PostgresCounters
from projections.video_engagement import EngagementCounts, VideoEngagement, VideoStandings

# One statement sees one state of the database: the counts and the position that they are of.
STANDINGS = """
SELECT position, published.*
FROM read.positions JOIN read.projections USING (name, version)
LEFT JOIN (
    SELECT video_id, {counts} FROM read.videos LEFT JOIN read.video_engagement USING (video_id)
    WHERE video_id = ANY (%s) AND status = 'published'
) published ON true
WHERE name = 'video_engagement' AND log = 'engagement' AND state = 'live'
"""


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

    async def standings(self, video_ids: Sequence[UUID]) -> VideoStandings:
        """The counts of those of the videos that are published."""
        fields = [SQL("coalesce({0}, 0)").format(Identifier(each)) for each in EngagementCounts.__struct_fields__]
        query = SQL(STANDINGS).format(counts=SQL(", ").join(fields))
        async with self._pool.connection() as connection, connection.cursor(binary=True) as cursor:
            rows = await (await cursor.execute(query, (uuids(video_ids),), prepare=True)).fetchall()
        return VideoStandings(
            position=rows[0][0] if rows else 0,
            counts={video_id: EngagementCounts(*counts) for _, video_id, *counts in rows if video_id},
        )
