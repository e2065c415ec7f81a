"""The recommender as a read model: an engine in this process, and how far it has read."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import TypeVar
from uuid import UUID

import structlog

from projections.read_model import PositionMoved, ReadModelBehind
from projections.recommendations.changes import Changes
from projections.recommendations.engine import CheckpointUnreadable, Engine
from projections.recommendations.ports import Checkpoints, Freshness, Point, VectorIndex
from projections.recommendations.projection import RecommendationsProjection
from projections.recommendations.question import Answer, FeedQuestion, SimilarQuestion

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

SLICE_SECONDS = 0.003
"""How long changes are taken in before waiting questions get their turn."""

T = TypeVar("T")


class MemoryRecommendations:
    """`ReadModel` and `Recommender` in one: who follows the logs here can answer here.

    ``patience`` bounds, in seconds, how long a question waits for the positions
    it asks for.  An index of vectors and a keeper of answers may be away: then
    this process searches its own vectors, and nothing is served from a cache.
    The index is asked once there are ``index_from`` videos: a walk over fewer
    can be quicker than the way to it and back.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        patience: float,
        index: VectorIndex | None = None,
        index_from: int = 0,
        freshness: Freshness | None = None,
    ) -> None:
        self._engine = engine
        self._patience = patience
        self._index = index
        self._index_from = index_from
        self._freshness = freshness
        self._positions = dict.fromkeys(RecommendationsProjection.logs, 0)
        self._advancing = {name: asyncio.Lock() for name in self._positions}
        self._moved = asyncio.Condition()

    # --- the read model -------------------------------------------------------

    async def position(self, log: str) -> int:
        """The last position taken in; 0 before the first."""
        return self._positions[log]

    async def advance(self, log: str, *, after: int, upto: int, changes: Changes) -> None:
        """Take in ``changes``, a slice at a time, and move; answers in between know of a part of them.

        Raises `PositionMoved`.  A batch that failed or was cancelled half way
        may come again, also in other portions: nothing is learned twice, and a
        change that could not be learned from is left out the second time.
        """
        async with self._advancing[log]:
            if self._positions[log] != after:
                raise PositionMoved(f"{log} is at {self._positions[log]}, not at {after}")
            learned = self._engine.position
            async for change in _in_slices([it for it in changes.engagement if it.position > learned]):
                self._engine.learn(change)
            async for listed in _in_slices(changes.catalog):
                self._engine.enlist(listed)
            async with self._moved:
                self._positions[log] = upto
                self._moved.notify_all()
        await self._tell(changes)

    async def _tell(self, changes: Changes) -> None:
        videos = {change.video for change in changes.catalog}
        if self._index is not None and videos:
            self._index.changed(videos)
        if self._freshness is not None:
            users = {UUID(bytes=change.user) for change in changes.engagement}
            await self._freshness.moved(dict(self._positions), users, catalog_changed=bool(videos))

    # --- the recommender ------------------------------------------------------

    async def feed(self, question: FeedQuestion) -> Answer:
        """See `Recommender`."""
        await self._reach(question.at_least)
        return Answer(positions=dict(self._positions), items=self._engine.feed(question))

    async def similar(self, question: SimilarQuestion) -> Answer:
        """See `Recommender`."""
        await self._reach(question.at_least)
        near = await self._near(question)
        return Answer(positions=dict(self._positions), items=self._engine.similar(question, near))

    async def _reach(self, at_least: Mapping[str, int]) -> None:
        """Wait until all positions asked for are reached.  Raises `ReadModelBehind`; logs not followed are ignored."""

        def missing() -> list[str]:
            return [log for log, asked in at_least.items() if self._positions.get(log, asked) < asked]

        if not missing():
            return
        try:
            async with asyncio.timeout(self._patience), self._moved:
                await self._moved.wait_for(lambda: not missing())
        except TimeoutError:
            behind = (missing() or list(at_least))[0]
            reached = self._positions[behind]
            raise ReadModelBehind(
                RecommendationsProjection.name, behind, asked=at_least[behind], reached=reached
            ) from None

    async def _near(self, question: SimilarQuestion) -> Mapping[UUID, float] | None:
        point = self._engine.point(question.video_id)
        if self._index is None or point is None or self._engine.point_count() < self._index_from:
            return None
        return await self._index.near(point, genre=question.genre, creator_id=question.creator_id)

    # --- the vectors that an index copies ----------------------------------------

    def point(self, video_id: UUID) -> Point | None:
        """See `Points`."""
        return self._engine.point(video_id)

    def every_point(self) -> Iterator[UUID]:
        """See `Points`."""
        return self._engine.every_point()

    def point_count(self) -> int:
        """See `Points`."""
        return self._engine.point_count()

    # --- checkpoints ----------------------------------------------------------

    async def checkpoint(self, checkpoints: Checkpoints) -> None:
        """Save state and positions as one; waits for batches under way, and new ones wait for the copy to be made."""
        async with self._advancing["engagement"], self._advancing["catalog"]:
            positions, state = dict(self._positions), self._engine.dump()
        projection = RecommendationsProjection
        await checkpoints.save(projection.name, projection.version, positions, state)
        log.info("recommendations_checkpointed", positions=positions, bytes=len(state))

    async def restore(self, checkpoints: Checkpoints) -> bool:
        """Go on from the last checkpoint; False, and from the beginning, where there is none that can be read."""
        projection = RecommendationsProjection
        saved = await checkpoints.load(projection.name, projection.version)
        if saved is None:
            return False
        positions, state = saved
        try:
            self._engine.load(state)
        except CheckpointUnreadable as unreadable:
            log.warning("recommendations_checkpoint_unreadable", reason=str(unreadable))
            return False
        self._positions.update(positions)
        return True


async def _in_slices(changes: Sequence[T]) -> AsyncIterator[T]:
    began = time.monotonic()
    for change in changes:
        if time.monotonic() - began > SLICE_SECONDS:
            await asyncio.sleep(0)
            began = time.monotonic()
        yield change
