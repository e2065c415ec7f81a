"""Videos as lists show them: with a creator's name and, where there is one, the reason."""

from collections.abc import Iterable, Sequence
from uuid import UUID

import msgspec

from api.pages.names import Names
from projections.recommendations.question import Recommended
from projections.videos import VideoRow, VideosView


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """One video of a list; ``why`` is a sentence, ``position`` its place in a list that goes on, 0 elsewhere."""

    id: UUID
    title: str
    genre: str | None
    duration_ms: int | None
    creator_id: UUID
    creator: str
    why: str = ""


class Cards:
    """Makes cards of what other parts answer with; asks for all that is missing at once."""

    def __init__(self, videos: VideosView, names: Names) -> None:
        self._videos = videos
        self.names = names

    async def recommended(self, items: Sequence[Recommended]) -> Sequence[Card]:
        """In the order given; what was withdrawn a moment ago is left out."""
        rows = await self._videos.published([item.video_id for item in items])
        reasons = {item.video_id: item.reasons[0].text for item in items}
        return await self.of([rows[each.video_id] for each in items if each.video_id in rows], reasons)

    async def found(self, video_ids: Sequence[UUID]) -> Sequence[Card]:
        """In the order given, the published ones."""
        rows = await self._videos.published(video_ids)
        return await self.of([rows[each] for each in video_ids if each in rows])

    async def of(self, rows: Iterable[VideoRow], reasons: dict[UUID, str] | None = None) -> Sequence[Card]:
        """One card for each row; ``reasons`` by video."""
        rows = list(rows)
        names = await self.names.of(row.creator_id for row in rows)
        return [
            Card(
                id=row.video_id,
                title=row.details.title,
                genre=row.details.genre,
                duration_ms=row.details.duration_ms,
                creator_id=row.creator_id,
                creator=names[row.creator_id],
                why=(reasons or {}).get(row.video_id, ""),
            )
            for row in rows
        ]
