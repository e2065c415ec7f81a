"""``/api/live`` and ``/live``: counts of videos, pushed as they change (server-sent events).

https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

import asyncio
import time
from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Controller, Request, Response, get
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import QueryParameter
from litestar.response.base import ASGIResponse
from litestar.types import Receive, Scope, Send

from api.conventions.auth import ApiRequest
from api.conventions.problems import problems
from api.conventions.rate_limits import client_address
from api.live_counts import LiveCounts, Watcher
from api.parts import Part
from api.shown_videos import ShownCounts, shown_counts
from domain.catalog.video import VideoNotFound
from projections.video_engagement import VideoStandings

MOST_VIDEOS = 50
EVENT_STREAM = "text/event-stream"

HEARTBEAT_SECONDS = 15.0
"""The longest silence: proxies close what has been silent for a minute or so."""

SEND_SECONDS = 10.0
"""A reader who has not taken what was sent before by then is let go."""

LONGEST_SECONDS = 3600.0
"""A stream ends after that, so that no reader stays for good on credentials that have been taken away."""

COME_BACK_MS = 2000


class LiveVideoCounts(msgspec.Struct, frozen=True):
    """The counts of one video."""

    video_id: UUID
    counts: ShownCounts


class CountsChanged(msgspec.Struct, frozen=True):
    """The data of one event ``counts``: of each video that has changed, how it stands now.

    ``position`` is that of the engagement log, and the ``id`` of the event.
    """

    position: int
    items: Sequence[LiveVideoCounts]


VideoIds = Annotated[
    list[UUID],
    QueryParameter(min_items=1, max_items=MOST_VIDEOS, description="Which; given once for each."),
]
STREAM = ResponseSpec(
    CountsChanged,
    generate_examples=False,
    media_type=EVENT_STREAM,
    description="Events `counts`, each with these data as JSON and the position as its `id`; "
    "a comment after 15 seconds without one.",
)


class Live(Controller):
    """What changes while one looks."""

    tags = ("live",)

    @get(
        "/live",
        operation_id="WatchCounts",
        summary="Watch counts change",
        media_type=EVENT_STREAM,
        responses={200: STREAM, **problems(404, 429)},
    )
    async def watch_counts(
        self, request: ApiRequest, live_counts: Part[LiveCounts], video_id: VideoIds
    ) -> Response[Any]:
        """The counts of 1 to 50 published videos, at once and then whenever they change, as server-sent events.

        What is sent is how videos stand: after a break the present state comes
        first, and nothing is missed that still counts.  At most four events come
        in a second.  A stream ends after an hour; clients of server-sent events
        then connect again by themselves.
        """
        return _EventStream(live_counts, request.user.id, frozenset(video_id))


class VisitorsLive(Controller):
    """The same for the pages: counts of published videos are everybody's."""

    include_in_schema = False

    @get("/live", media_type=EVENT_STREAM)
    async def watch_counts(
        self, request: Request[Any, Any, Any], live_counts: Part[LiveCounts], video_id: VideoIds
    ) -> Response[Any]:
        """As `Live.watch_counts`, for whoever asks."""
        return _EventStream(live_counts, f"address:{client_address(request.scope)}", frozenset(video_id))


class _EventStream(Response[bytes]):
    """Answers once it is known that there is something to watch."""

    def __init__(self, live_counts: LiveCounts, asker: str, video_ids: frozenset[UUID]) -> None:
        super().__init__(b"", media_type=EVENT_STREAM)
        self._live_counts = live_counts
        self._asker = asker
        self._video_ids = video_ids

    def to_asgi_response(self, *_: Any, **__: Any) -> ASGIResponse:
        return _AsgiEventStream(self._live_counts, self._asker, self._video_ids)


class _AsgiEventStream(ASGIResponse):
    _should_set_content_length = False

    def __init__(self, live_counts: LiveCounts, asker: str, video_ids: frozenset[UUID]) -> None:
        super().__init__(media_type=EVENT_STREAM, headers={"x-accel-buffering": "no"})
        self._live_counts = live_counts
        self._asker = asker
        self._video_ids = video_ids

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - as ASGI calls it
        async with self._live_counts.watching(self._asker, self._video_ids) as watcher:
            first = await watcher.news(patience=0)
            if first is None or not first.counts:
                raise VideoNotFound("none of these videos is published")
            await self.start_response(send)
            writing = asyncio.create_task(_write(watcher, first, send))
            leaving = asyncio.create_task(_left(receive))
            try:
                await asyncio.wait({writing, leaving}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                writing.cancel()
                leaving.cancel()
                await asyncio.gather(writing, leaving, return_exceptions=True)


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _write(watcher: Watcher, first: VideoStandings, send: Send) -> None:
    ends = time.monotonic() + LONGEST_SECONDS
    news: VideoStandings | None = first
    begun = b"retry: %d\n\n" % COME_BACK_MS
    while news is not None and time.monotonic() < ends:
        async with asyncio.timeout(SEND_SECONDS):
            await send({"type": "http.response.body", "body": begun + _written(news), "more_body": True})
        begun = b""
        news = await watcher.news(patience=HEARTBEAT_SECONDS)
    await send({"type": "http.response.body", "body": b"", "more_body": False})


def _written(news: VideoStandings) -> bytes:
    if not news.counts:
        return b": still here\n\n"
    items = [LiveVideoCounts(video_id, shown_counts(counts)) for video_id, counts in news.counts.items()]
    told = msgspec.json.encode(CountsChanged(news.position, items))
    return b"event: counts\nid: %d\ndata: %s\n\n" % (news.position, told)
