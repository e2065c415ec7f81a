"""The read model of ``projections/videos.py``."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

import msgspec
from psycopg import AsyncCursor

from adapters.postgres.arrays import bigints, uuids
from adapters.postgres.read_model import PostgresReadModel
from domain.catalog.video import Details, Status
from projections.videos import VideoPatch, VideoRow, Videos

WRITE = """
INSERT INTO {videos} AS v (video_id, revision, creator_id, details, status, drafted_at, published_at)
SELECT * FROM unnest(%s, %s, %s, %s::jsonb[], %s::text[], %s::timestamptz[], %s::timestamptz[])
ON CONFLICT (video_id) DO UPDATE SET
    revision     = EXCLUDED.revision,
    creator_id   = coalesce(EXCLUDED.creator_id, v.creator_id),
    details      = coalesce(EXCLUDED.details, v.details),
    status       = coalesce(EXCLUDED.status, v.status),
    drafted_at   = coalesce(EXCLUDED.drafted_at, v.drafted_at),
    published_at = coalesce(EXCLUDED.published_at, v.published_at)
"""
ONE = """
SELECT video_id, revision, creator_id, details, status, drafted_at, published_at
FROM read.videos WHERE video_id = %s
"""
PUBLISHED_OF_THESE = """
SELECT video_id, revision, creator_id, details, status, drafted_at, published_at
FROM read.videos WHERE video_id = ANY (%s) AND status = 'published'
"""
BY_CREATOR = """
SELECT video_id, revision, creator_id, details, status, drafted_at, published_at
FROM read.videos
WHERE creator_id = %(creator_id)s AND (status = 'published' OR %(own)s)
    AND (%(before)s::timestamptz IS NULL OR (drafted_at, video_id) < (%(before)s, %(before_id)s))
ORDER BY drafted_at DESC, video_id DESC LIMIT %(limit)s
"""


class PostgresVideos(PostgresReadModel[Sequence[VideoPatch]]):
    """A `VideosView`."""

    name = Videos.name
    version = Videos.version
    logs = Videos.logs
    tables: ClassVar[dict[str, str]] = {
        "videos": """
            video_id     uuid   PRIMARY KEY,
            revision     bigint NOT NULL,
            creator_id   uuid,
            details      jsonb,
            status       text,
            drafted_at   timestamptz,
            published_at timestamptz
        """
    }
    indexes = ("CREATE INDEX ON {videos} (creator_id, drafted_at DESC, video_id DESC)",)

    async def write(self, cursor: AsyncCursor[Any], changes: Sequence[VideoPatch]) -> None:
        """Lay patches over rows; a row begins with the patch that drafts it."""
        columns = (
            uuids([patch.video_id for patch in changes]),
            bigints([patch.revision for patch in changes]),
            uuids([patch.creator_id for patch in changes]),
            [None if patch.details is None else msgspec.json.encode(patch.details).decode() for patch in changes],
            [patch.status for patch in changes],
            [patch.drafted_at for patch in changes],
            [patch.published_at for patch in changes],
        )
        await cursor.execute(self.statement(WRITE), columns)

    async def video(self, video_id: UUID) -> VideoRow | None:
        """One video in whatever state; None if it was never drafted."""
        async with self._pool.connection() as connection:
            row = await (await connection.execute(ONE, (video_id,))).fetchone()
        return None if row is None else _row(*row)

    async def published(self, video_ids: Collection[UUID]) -> Mapping[UUID, VideoRow]:
        """Those of the videos that viewers can find, by id."""
        async with self._pool.connection() as connection:
            rows = await (await connection.execute(PUBLISHED_OF_THESE, (uuids(list(video_ids)),))).fetchall()
        return {row[0]: _row(*row) for row in rows}

    async def by_creator(
        self, creator_id: UUID, *, own: bool, limit: int, before: tuple[datetime, UUID] | None = None
    ) -> Sequence[VideoRow]:
        """A creator's videos, newest draft first; see `VideosView.by_creator`."""
        last, last_id = before or (None, None)
        asked = {"creator_id": creator_id, "own": own, "limit": limit, "before": last, "before_id": last_id}
        async with self._pool.connection() as connection:
            rows = await (await connection.execute(BY_CREATOR, asked)).fetchall()
        return [_row(*row) for row in rows]


def _row(
    video_id: UUID,
    revision: int,
    creator_id: UUID,
    details: Any,
    status: str,
    drafted_at: datetime,
    published_at: datetime | None,
) -> VideoRow:
    return VideoRow(
        video_id=video_id,
        revision=revision,
        creator_id=creator_id,
        details=msgspec.convert(details, type=Details),
        status=Status(status),
        drafted_at=drafted_at,
        published_at=published_at,
    )
