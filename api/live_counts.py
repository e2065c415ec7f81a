"""Tells those who watch videos how their counts change, as soon as the read model knows.

What is pushed is state, not events: whoever is slow is told the latest counts
and never the ones in between, so that nothing piles up for anybody.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from collections.abc import Set as AbstractSet
from contextlib import asynccontextmanager
from uuid import UUID

import structlog

from application.ports import EventLog
from projections.read_model import Positions, ReadModelBehind
from projections.video_engagement import EngagementCounts, VideoEngagement, VideoEngagementView, VideoStandings

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

PUSH_SECONDS = 0.25
"""Between two pushes at least; also how long one waits for the read model at most."""

LOOK_SECONDS = 5.0
"""How often it looks although nobody rang: a ring can be lost, and a video published meanwhile."""

RETRY_SECONDS = 1.0
STREAMS_EACH = 20
"""How many streams one asker may hold in one process."""


Listen = Callable[[str], Awaitable[asyncio.Event]]
"""Gives an event that is set whenever the log of that name may have grown."""


class TooManyStreams(Exception):
    """This asker holds as many streams as anybody may."""


class NoStreamLeft(Exception):
    """This process holds as many streams as it may, or is about to stop."""


class Watcher:
    """One stream: what is watched, and what its reader has still to be told."""

    def __init__(self, video_ids: AbstractSet[UUID]) -> None:
        self.video_ids = video_ids
        self._welcomed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._told: dict[UUID, EngagementCounts] = {}
        self._untold: dict[UUID, EngagementCounts] = {}
        self._position = 0
        self._woken = asyncio.Event()
        self._ended = False

    async def joined(self) -> None:
        """Return once the reader was welcomed; raises why they were not."""
        await self._welcomed

    def welcome(self, standings: VideoStandings) -> None:
        """Tell how the videos stand, for the first time."""
        self.tell(standings.position, standings.among(self.video_ids))
        if not self._welcomed.done():
            self._welcomed.set_result(None)

    def refuse(self, reason: Exception) -> None:
        """Let the reader know that nothing will come."""
        if not self._welcomed.done():
            self._welcomed.set_exception(reason)

    def tell(self, position: int, counts: Mapping[UUID, EngagementCounts]) -> None:
        """Note what is new to the reader, over what they were not told yet."""
        self._position = position
        for video_id, each in counts.items():
            if self._told.get(video_id) != each:
                self._told[video_id] = self._untold[video_id] = each
                self._woken.set()

    def end(self) -> None:
        """Let the reader go; may be repeated."""
        self._ended = True
        self._woken.set()

    async def news(self, *, patience: float) -> VideoStandings | None:
        """What the reader has not been told yet, once there is something; it counts as told then.

        Empty after ``patience`` seconds, None at the end.
        """
        try:
            async with asyncio.timeout(patience):
                await self._woken.wait()
        except TimeoutError:
            return VideoStandings(self._position, {})
        if self._ended:
            return None
        self._woken.clear()
        untold, self._untold = self._untold, {}
        return VideoStandings(self._position, untold)


class LiveCounts:
    """The watchers of one process; however many there are, one query at a time serves them all.

    ``capacity`` bounds the streams of the process.
    """

    def __init__(
        self, view: VideoEngagementView, engagement: EventLog, positions: Positions, listen: Listen, *, capacity: int
    ) -> None:
        self._view = view
        self._engagement = engagement
        self._positions = positions
        self._listen = listen
        self._capacity = capacity
        self._watchers: dict[UUID, set[Watcher]] = defaultdict(set)
        self._newcomers: list[Watcher] = []
        self._arrival = asyncio.Event()
        self._bell: asyncio.Event | None = None
        self._askers = Counter[str]()
        self._known: Mapping[UUID, EngagementCounts] = {}
        self._serving: asyncio.Task[None] | None = None
        self._closed = False

    @property
    def streams(self) -> int:
        """How many are open."""
        return self._askers.total()

    @asynccontextmanager
    async def watching(self, asker: str, video_ids: AbstractSet[UUID]) -> AsyncGenerator[Watcher]:
        """A watcher who has been told how the published ones among the videos stand, until the block ends.

        Raises `TooManyStreams`, `NoStreamLeft`, and what the database raises that
        cannot be reached.
        """
        if self._closed or self.streams >= self._capacity:
            raise NoStreamLeft
        if self._askers[asker] >= STREAMS_EACH:
            raise TooManyStreams
        self._askers[asker] += 1
        watcher = Watcher(video_ids)
        try:
            await self._join(watcher)
            yield watcher
        finally:
            self._leave(watcher)
            self._askers[asker] -= 1
            self._askers += Counter()  # forgets who has none

    def close(self) -> None:
        """End every stream and open no more; may be repeated."""
        self._closed = True
        for watcher in {each for watchers in self._watchers.values() for each in watchers}:
            watcher.end()
        for newcomer in self._newcomers:
            newcomer.refuse(NoStreamLeft())
        if self._serving is not None:
            self._serving.cancel()

    async def _join(self, watcher: Watcher) -> None:
        for video_id in watcher.video_ids:
            self._watchers[video_id].add(watcher)
        self._newcomers.append(watcher)
        self._arrival.set()
        if self._serving is None:
            self._serving = asyncio.create_task(self._serve())
        elif self._bell is not None:
            self._bell.set()
        await watcher.joined()

    def _leave(self, watcher: Watcher) -> None:
        for video_id in watcher.video_ids:
            self._watchers[video_id].discard(watcher)
            if not self._watchers[video_id]:
                del self._watchers[video_id]
        if not self._watchers and self._serving is not None:
            self._serving.cancel()
            self._serving = None

    async def _serve(self) -> None:
        if self._bell is None:
            self._bell = await self._listen(self._engagement.name)
        self._known = {}
        while True:
            try:
                await self._welcome()
                await self._push(self._bell)
                await self._pause(PUSH_SECONDS)
                await self._rung(self._bell)
            except Exception as error:  # noqa: BLE001 # the streams outlive whatever keeps the database away
                log.warning("live_counts_interrupted", error=str(error) or type(error).__name__)
                await self._pause(RETRY_SECONDS)

    async def _rung(self, bell: asyncio.Event) -> None:
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                await bell.wait()
        except TimeoutError:
            return

    async def _pause(self, seconds: float) -> None:
        """Let time pass, and nobody wait who comes meanwhile."""
        try:
            async with asyncio.timeout(seconds):
                while True:
                    await self._arrival.wait()
                    await self._welcome()
        except TimeoutError:
            return

    async def _welcome(self) -> None:
        """Tell those who came how their videos stand; they alone hear of it if that cannot be told."""
        self._arrival.clear()
        newcomers, self._newcomers = self._newcomers, []
        if not newcomers:
            return
        try:
            standings = await self._view.standings(list({each for one in newcomers for each in one.video_ids}))
        except BaseException as error:
            for watcher in newcomers:
                watcher.refuse(error if isinstance(error, Exception) else NoStreamLeft())
            if not isinstance(error, Exception):
                raise
            return
        for watcher in newcomers:
            watcher.welcome(standings)

    async def _push(self, bell: asyncio.Event) -> None:
        """Tell everybody what has changed since the last push."""
        bell.clear()
        if not await self._caught_up():
            bell.set()  # there is more to come
        standings = await self._view.standings(list(self._watchers))
        told: dict[Watcher, dict[UUID, EngagementCounts]] = defaultdict(dict)
        for video_id, counts in standings.counts.items():
            if self._known.get(video_id) != counts:
                for watcher in self._watchers.get(video_id, ()):
                    told[watcher][video_id] = counts
        for watcher, changed in told.items():
            watcher.tell(standings.position, changed)
        self._known = standings.counts

    async def _caught_up(self) -> bool:
        """Whether the read model comes to know within a moment of all that is recorded now."""
        try:
            async with asyncio.timeout(PUSH_SECONDS):
                await self._positions.wait_for(VideoEngagement.name, {"engagement": await self._engagement.head()})
        except (TimeoutError, ReadModelBehind):
            return False
        return True
