"""Keeps the collection a copy of the catalogue, and searches it while it is one."""

import asyncio
import contextlib
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Any, TypeVar
from uuid import UUID

import structlog

from adapters.milvus.collection import VectorCollection, stamp
from projections.recommendations.ports import Point, Points

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

CHECK_SECONDS = 5.0
"""How often the copy is counted when nothing changes."""

RETRY_SECONDS = 2.0

BATCH = 500
"""Rows written at once."""

NEAREST = 200
"""Neighbours looked up: more than can be asked for, since some of them may not be shown."""

T = TypeVar("T")


class MilvusIndex:
    """`VectorIndex`: written to and searched in threads of its own, and not relied upon until it is complete.

    What must be in it is asked of the catalogue each time, so there is no
    position to lose: after a write that failed, and whenever the number of rows is
    not what it must be, rows are compared with videos and the difference is written.
    """

    def __init__(self, collection: VectorCollection, *, check_seconds: float = CHECK_SECONDS) -> None:
        self._collection = collection
        self._check_seconds = check_seconds
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="milvus")
        self._changed: set[UUID] = set()
        self._awake = asyncio.Event()
        self._copying: asyncio.Task[None] | None = None
        self._surveyed = False
        self._complete = False

    def open(self, points: Points) -> None:
        """Begin to copy ``points``; returns at once."""
        self._copying = asyncio.create_task(self._copy(points))

    async def close(self) -> None:
        """Stop; a call that is under way in a thread ends by its own bound."""
        if self._copying is not None:
            self._copying.cancel()
            await asyncio.gather(self._copying, return_exceptions=True)
        with contextlib.suppress(Exception):
            await asyncio.wait_for(self._call(self._collection.close), 1)
        self._threads.shutdown(wait=False, cancel_futures=True)

    @property
    def complete(self) -> bool:
        """Whether everything published is in it, but for what changed within about a second."""
        return self._complete

    def changed(self, videos: Collection[UUID]) -> None:
        """See `VectorIndex`."""
        self._changed.update(videos)
        self._awake.set()

    async def near(self, point: Point, *, genre: str | None, creator_id: UUID | None) -> Mapping[UUID, float] | None:
        """See `VectorIndex`."""
        if not self._complete:
            return None
        try:
            return await self._call(
                lambda: self._collection.search(point, genre=genre, creator_id=creator_id, count=NEAREST)
            )
        except Exception as error:  # noqa: BLE001 - the library raises what gRPC, pandas and numpy do
            log.warning("vectors_not_searched", error=_said(error))
            self._complete = False
            self._awake.set()
            return None

    async def _copy(self, points: Points) -> None:
        while True:
            self._awake.clear()
            try:
                await self._settle(points)
            except Exception as error:  # noqa: BLE001 - see above; without the copy the catalogue itself is searched
                log.warning("vectors_not_copied", error=_said(error), retry_seconds=RETRY_SECONDS)
                self._complete = self._surveyed = False
                await asyncio.sleep(RETRY_SECONDS)
            else:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(self._check_seconds):
                        await self._awake.wait()

    async def _settle(self, points: Points) -> None:
        """Write what changed, then see whether all is there; if not, compare everything and write the difference."""
        await self._call(self._collection.open)
        if not self._surveyed:
            self._changed.update(await self._difference(points))
            self._surveyed = True
        while self._changed:
            await self._write(points, list(islice(self._changed, BATCH)))
        rows, wanted = await self._call(self._collection.count), points.point_count()
        if self._changed:
            self._awake.set()
        elif rows != wanted:
            log.warning("vectors_missing", rows=rows, wanted=wanted)
            self._complete = self._surveyed = False
            self._awake.set()
        else:
            self._complete = True

    async def _difference(self, points: Points) -> Collection[UUID]:
        there = await self._call(self._collection.stamps)
        differing = set(there)
        for nth, video in enumerate(list(points.every_point())):
            if nth % BATCH == 0:
                await asyncio.sleep(0)
            point = points.point(video)
            if point is not None and there.get(video) == stamp(point):
                differing.discard(video)
            else:
                differing.add(video)
        log.info("vectors_surveyed", there=len(there), differing=len(differing))
        return differing

    async def _write(self, points: Points, videos: Sequence[UUID]) -> None:
        self._changed.difference_update(videos)
        try:
            found = {video: points.point(video) for video in videos}
            if present := [point for point in found.values() if point is not None]:
                await self._call(lambda: self._collection.upsert(present))
            if absent := [video for video, point in found.items() if point is None]:
                await self._call(lambda: self._collection.delete(absent))
        except BaseException:
            self._changed.update(videos)
            raise

    async def _call(self, blocking: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, blocking)


def _said(error: Any) -> str:
    return str(error) or type(error).__name__
