"""The read model of ``projections/viewer_marks.py``."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any, ClassVar
from uuid import UUID

from psycopg import AsyncCursor

from adapters.postgres.arrays import bigints, texts, uuids
from adapters.postgres.read_model import PostgresReadModel
from projections.viewer_marks import Mark, Marked, Marking, ViewerMarks

SET = """
INSERT INTO {viewer_marks} (user_id, mark, target_id, position) SELECT * FROM unnest(%s, %s, %s, %s)
ON CONFLICT (user_id, mark, target_id) DO UPDATE SET position = EXCLUDED.position
"""
TAKE_BACK = """
DELETE FROM {viewer_marks} AS marked USING unnest(%s, %s, %s) AS gone (user_id, mark, target_id)
WHERE (marked.user_id, marked.mark, marked.target_id) = (gone.user_id, gone.mark, gone.target_id)
"""
OF_THESE = "SELECT target_id, mark FROM read.viewer_marks WHERE user_id = %s AND target_id = ANY (%s)"
LAST = """
SELECT target_id, position FROM read.viewer_marks
WHERE user_id = %s AND mark = %s AND position < coalesce(%s, 9223372036854775807)
ORDER BY position DESC LIMIT %s
"""


class PostgresViewerMarks(PostgresReadModel[Mapping[Marking, int | None]]):
    """A `ViewerMarksView`."""

    name = ViewerMarks.name
    version = ViewerMarks.version
    logs = ViewerMarks.logs
    tables: ClassVar[dict[str, str]] = {
        "viewer_marks": """
            user_id   uuid   NOT NULL,
            mark      text   NOT NULL,
            target_id uuid   NOT NULL,
            position  bigint NOT NULL,
            PRIMARY KEY (user_id, mark, target_id)
        """
    }
    indexes = ("CREATE INDEX ON {viewer_marks} (user_id, mark, position DESC)",)

    async def write(self, cursor: AsyncCursor[Any], changes: Mapping[Marking, int | None]) -> None:
        """Set marks and take them back; each is named once, so the order does not matter."""
        marked = sorted((marking, position) for marking, position in changes.items() if position is not None)
        gone = sorted(marking for marking, position in changes.items() if position is None)
        if marked:
            columns = (*_columns([marking for marking, _ in marked]), bigints([position for _, position in marked]))
            await cursor.execute(self.statement(SET), columns, prepare=True)
        if gone:
            await cursor.execute(self.statement(TAKE_BACK), _columns(gone), prepare=True)

    async def marks(self, user_id: UUID, targets: Collection[UUID]) -> Mapping[UUID, frozenset[Mark]]:
        """How the viewer has marked these videos and creators; those without a mark are left out."""
        async with self._pool.connection() as connection:
            rows = await (await connection.execute(OF_THESE, (user_id, uuids(list(targets))))).fetchall()
        found: defaultdict[UUID, set[Mark]] = defaultdict(set)
        for target_id, mark in rows:
            found[target_id].add(Mark(mark))
        return {target_id: frozenset(marks) for target_id, marks in found.items()}

    async def marked(self, user_id: UUID, mark: Mark, *, limit: int, before: int | None = None) -> Sequence[Marked]:
        """What the viewer has marked so, the last first; see `ViewerMarksView.marked`."""
        async with self._pool.connection() as connection:
            rows = await (await connection.execute(LAST, (user_id, mark, before, limit))).fetchall()
        return [Marked(target_id, position) for target_id, position in rows]


def _columns(markings: Sequence[Marking]) -> tuple[Any, Any, Any]:
    return (
        uuids([each.user_id for each in markings]),
        texts([each.mark for each in markings]),
        uuids([each.target_id for each in markings]),
    )
