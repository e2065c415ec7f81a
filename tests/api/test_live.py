"""Counts that come by themselves, over real connections."""

import asyncio
import ssl
import time
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import httpx
import msgspec
import pytest

from api.app import create_app
from api.live_counts import STREAMS_EACH
from api.serving import LAST_ANSWERS_SECONDS
from domain.identity.api_key import Scope
from tests.api.test_engagement import interaction, report
from tests.support.listening import listening
from tests.support.site import Site, open_site, settings_for
from tests.support.waiting import until

pytestmark = pytest.mark.anyio

PLAIN = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Not used: but for this, each of hundreds of clients would read all certificates there are."""


@pytest.fixture(scope="module")
async def port(site):
    async with listening(site.app) as port:
        yield port


@pytest.fixture(scope="module")
async def key(site) -> dict[str, str]:
    return dict(site_headers(await site.bearer(Scope.SERVICE)))


def site_headers(client: httpx.AsyncClient) -> dict[str, str]:
    return {"Authorization": client.headers["authorization"]}


async def published(service: httpx.AsyncClient, site: Site) -> UUID:
    """A new video that the read model knows to be published."""
    drafted = (await service.post("/api/videos", json={"creator_id": str(uuid4()), "title": "t"})).json()
    done = (await service.post(f"/api/videos/{drafted['id']}/publication")).json()
    await site.system.positions.wait_for("videos", {"catalog": done["position"]})
    return UUID(drafted["id"])


class Stream:
    """One reader of a stream: what it was told, by video, and how often."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        self._lines = answer.aiter_lines()
        self.events: list[dict[str, Any]] = []
        self.counts: dict[UUID, dict[str, int]] = {}
        self.last_id = 0

    async def event(self) -> dict[str, Any]:
        """The next event; raises `StopAsyncIteration` at the end."""
        async with asyncio.timeout(20):
            while True:
                line = await anext(self._lines)
                if line.startswith("id: "):
                    self.last_id = int(line[4:])
                if line.startswith("data: "):
                    told = msgspec.json.decode(line[6:])
                    self.events.append(told)
                    self.counts |= {UUID(each["video_id"]): each["counts"] for each in told["items"]}
                    return told


@asynccontextmanager
async def reading(
    port: int, videos: list[Any], headers: dict[str, str], path: str = "/api/live"
) -> AsyncGenerator[Stream]:
    limits = httpx.Limits(max_connections=None)
    async with (
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=20, limits=limits, verify=PLAIN) as client,
        client.stream("GET", path, params={"video_id": [str(each) for each in videos]}, headers=headers) as answer,
    ):
        yield Stream(answer)


async def test_a_reader_is_told_at_once_and_whenever_it_changes(site, service, port, key):
    video, other = await published(service, site), await published(service, site)
    async with reading(port, [video, other], key) as stream:
        assert stream.answer.headers["content-type"].startswith("text/event-stream")
        assert {each["video_id"] for each in (await stream.event())["items"]} == {str(video), str(other)}
        assert stream.counts[video]["likes"] == 0
        said = (await report(service, interaction(video_id=video))).json()
        told = await stream.event()
        assert [each["video_id"] for each in told["items"]] == [str(video)]
        assert told["items"][0]["counts"]["likes"] == 1
        assert stream.last_id == told["position"] >= said["position"]


async def test_a_reader_who_comes_back_is_told_how_it_stands(site, service, port, key):
    video = await published(service, site)
    async with reading(port, [video], key) as stream:
        await stream.event()
    await report(service, interaction(video_id=video), interaction(video_id=video))
    async with reading(port, [video], {**key, "Last-Event-ID": "1"}) as stream:
        while stream.counts.get(video, {}).get("likes") != 2:
            await stream.event()


async def test_many_changes_come_together_and_the_last_one_always(site, service, port, key):
    video = await published(service, site)
    async with reading(port, [video], key) as stream:
        await stream.event()
        began = time.monotonic()
        for _ in range(40):
            await report(service, interaction(video_id=video))
        while stream.counts[video]["likes"] != 40:
            await stream.event()
        assert len(stream.events) <= 2 + (time.monotonic() - began) / 0.25


async def test_what_is_not_published_is_not_told(site, service, port, key):
    video = await published(service, site)
    draft = (await service.post("/api/videos", json={"creator_id": str(uuid4()), "title": "t"})).json()["id"]
    async with reading(port, [video, draft, uuid4()], key) as stream:
        assert [each["video_id"] for each in (await stream.event())["items"]] == [str(video)]
    for path, headers in (("/api/live", key), ("/live", {})):
        async with reading(port, [draft], headers, path) as stream:
            assert stream.answer.status_code == 404
            await stream.answer.aread()
            assert stream.answer.json()["code"] == "video_not_found"


async def test_visitors_of_the_pages_need_no_key_and_callers_of_the_api_do(site, service, port):
    video = await published(service, site)
    async with reading(port, [video], {}, "/live") as stream:
        assert (await stream.event())["items"]
    async with reading(port, [video], {}) as stream:
        assert stream.answer.status_code == 401


@pytest.mark.parametrize("videos", [[], ["17"], [uuid4() for _ in range(51)]], ids=["none", "no_id", "too_many"])
async def test_a_stream_is_of_1_to_50_videos(port, key, videos):
    async with reading(port, videos, key) as stream:
        await stream.answer.aread()
        assert (stream.answer.status_code, stream.answer.json()["code"]) == (422, "invalid")
        assert {each["field"] for each in stream.answer.json()["errors"]} == {"video_id"}


async def test_one_reader_holds_so_many_streams_and_no_more(site, service, port, key):
    video = await published(service, site)
    async with AsyncExitStack() as stack:
        for _ in range(STREAMS_EACH):
            stream = await stack.enter_async_context(reading(port, [video], key))
            assert stream.answer.status_code == 200
        refused = await stack.enter_async_context(reading(port, [video], key))
        assert refused.answer.status_code == 429
        assert int(refused.answer.headers["retry-after"]) > 0
        others = await stack.enter_async_context(reading(port, [video], {}, "/live"))
        assert others.answer.status_code == 200
    await until(lambda: site.app.state.live_counts.streams == 0)
    async with reading(port, [video], key) as stream:
        assert stream.answer.status_code == 200


async def test_silence_is_broken_now_and_then(site, service, port, key, monkeypatch):
    monkeypatch.setattr("api.live.HEARTBEAT_SECONDS", 0.05)
    video = await published(service, site)
    async with reading(port, [video], key) as stream:
        lines = stream.answer.aiter_lines()
        async with asyncio.timeout(10):
            while not (await anext(lines)).startswith(":"):
                pass


async def test_a_reader_who_takes_nothing_is_let_go(site, service, port, key, monkeypatch):
    monkeypatch.setattr("api.live.SEND_SECONDS", 0.2)
    monkeypatch.setattr("api.live.HEARTBEAT_SECONDS", 0.001)
    monkeypatch.setattr("api.live._written", lambda _: b": " + b"x" * 1_000_000 + b"\n\n")
    video = await published(service, site)
    _, writer = await asyncio.open_connection("127.0.0.1", port, limit=1)
    writer.write(f"GET /live?video_id={video} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    live_counts = site.app.state.live_counts
    await until(lambda: live_counts.streams == 1)
    await until(lambda: live_counts.streams == 0)
    writer.close()


async def test_a_server_that_stops_ends_its_streams(site, service, key):
    video = await published(service, site)
    async with AsyncExitStack() as stack:
        async with listening(create_app(site.system)) as port:
            readers = [await stack.enter_async_context(reading(port, [video], key)) for _ in range(5)]
            for stream in readers:
                await stream.event()
            ended = asyncio.gather(*(stream.event() for stream in readers), return_exceptions=True)
            began = time.monotonic()
        assert time.monotonic() - began < LAST_ANSWERS_SECONDS / 2
        assert {type(each) for each in await ended} == {StopAsyncIteration}


async def test_a_process_without_room_says_when_to_come_back(nats_url, redis_url, database):
    async with (
        open_site(settings_for(database, nats_url, redis_url, live_streams=1)) as site,
        listening(site.app) as port,
    ):
        service = await site.bearer(Scope.SERVICE)
        video = await published(service, site)
        async with reading(port, [video], {}, "/live"), reading(port, [video], site_headers(service)) as refused:
            await refused.answer.aread()
            assert (refused.answer.status_code, refused.answer.json()["code"]) == (503, "no_stream_left")
            assert int(refused.answer.headers["retry-after"]) > 0


async def test_two_hundred_readers_are_told_of_a_change_by_one_query(site, service, port, monkeypatch):
    video = await published(service, site)
    keys = [site_headers(await site.bearer(Scope.USER, uuid4())) for _ in range(10)]
    standings, asked = site.system.video_engagement.standings, []

    async def noted(video_ids):
        asked.append(video_ids)
        return await standings(video_ids)

    async with AsyncExitStack() as stack:
        streams = await asyncio.gather(
            *(stack.enter_async_context(reading(port, [video], keys[each % 10])) for each in range(200))
        )
        assert {stream.answer.status_code for stream in streams} == {200}
        await asyncio.gather(*(stream.event() for stream in streams))
        monkeypatch.setattr(site.system.video_engagement, "standings", noted)
        began = time.monotonic()
        await report(service, interaction(video_id=video))
        await asyncio.gather(*(stream.event() for stream in streams))
        took = time.monotonic() - began
        assert {stream.counts[video]["likes"] for stream in streams} == {1}
    assert len(asked) <= 1 + took / 0.25
