"""Those who speak HTTP badly, slowly or without end, over real connections."""

import asyncio
import gzip
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest

from domain.identity.api_key import Scope
from tests.api.test_process import served
from tests.support.databases import empty_database
from tests.support.listening import listening
from tests.support.waiting import until

pytestmark = pytest.mark.anyio

MEGABYTE = 1 << 20


@pytest.fixture(scope="module")
async def port(site):
    async with listening(site.app) as port:
        yield port


@pytest.fixture(scope="module")
async def key(site) -> str:
    return (await site.bearer(Scope.SERVICE)).headers["authorization"]


class Peer:
    """Somebody at the other end of a connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def send(self, sent: bytes) -> None:
        self._writer.write(sent)
        await self._writer.drain()

    async def hears(self) -> tuple[int, dict]:
        """The status and the document of the next answer."""
        async with asyncio.timeout(15):
            head = await self._reader.readuntil(b"\r\n\r\n")
            [length] = [int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
            return int(head.split()[1]), json.loads(await self._reader.readexactly(length))

    async def hears_status(self) -> int:
        """The status of the next answer, whatever follows it."""
        return int((await self._reader.readline()).split()[1])

    async def is_left(self) -> bool:
        """Whether the other side closes."""
        async with asyncio.timeout(15):
            try:
                return await self._reader.read() == b""
            except ConnectionError:
                return True


@asynccontextmanager
async def peer(port: int) -> AsyncGenerator[Peer]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield Peer(reader, writer)
    finally:
        writer.close()
        await asyncio.gather(writer.wait_closed(), return_exceptions=True)


def post(key: str, path: str = "/api/users", *headers: str) -> bytes:
    lines = [
        f"POST {path} HTTP/1.1", "Host: x", f"Authorization: {key}", "Content-Type: application/json", *headers, "", ""
    ]  # fmt: skip
    return "\r\n".join(lines).encode()


async def test_a_body_that_does_not_come_is_not_waited_for(port, key, monkeypatch):
    monkeypatch.setattr("api.conventions.arriving.GRACE_SECONDS", 0.2)
    async with peer(port) as slow:
        await slow.send(post(key, "/api/users", "Content-Length: 99") + b"{")
        status, told = await slow.hears()
        assert (status, told["code"]) == (408, "body_too_slow")
        assert await slow.is_left()


async def test_a_body_that_trickles_has_no_longer_than_its_bytes_are_worth(port, key, monkeypatch):
    monkeypatch.setattr("api.conventions.arriving.GRACE_SECONDS", 0.3)
    async with peer(port) as slow:
        await slow.send(post(key, "/api/users", "Transfer-Encoding: chunked"))

        async def trickle():
            while True:
                await slow.send(b"1\r\n \r\n")
                await asyncio.sleep(0.02)

        trickling = asyncio.create_task(trickle())
        status, told = await slow.hears()
        trickling.cancel()
        await asyncio.gather(trickling, return_exceptions=True)
        assert (status, told["code"]) == (408, "body_too_slow")


async def test_a_body_in_gzip_has_its_time_too(port, key, monkeypatch):
    monkeypatch.setattr("api.conventions.arriving.GRACE_SECONDS", 0.2)
    async with peer(port) as slow:
        head = post(key, "/api/users", "Content-Encoding: gzip", "Content-Length: 99")
        await slow.send(head + gzip.compress(b"{}")[:8])
        status, told = await slow.hears()
        assert (status, told["code"]) == (408, "body_too_slow")


@pytest.mark.parametrize("said", [b"", b"GET /livez HTTP/1.1\r\nHost: x\r\nX-A: b"], ids=["nothing", "half a head"])
async def test_a_head_that_does_not_come_is_not_waited_for(port, monkeypatch, said):
    monkeypatch.setattr("api.conventions.connections.HEAD_SECONDS", 0.2)
    async with peer(port) as slow:
        await slow.send(said)
        status, told = await slow.hears()
        assert (status, told["code"]) == (408, "head_too_slow")
        assert await slow.is_left()


async def test_a_head_has_as_long_as_it_needs_on_a_connection_that_was_idle(port, monkeypatch):
    monkeypatch.setattr("api.conventions.connections.HEAD_SECONDS", 0.2)
    async with peer(port) as regular:
        for _ in range(2):
            await regular.send(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n")
            assert (await regular.hears())[0] == 200
            await asyncio.sleep(0.3)  # longer than a head may take: what is not there yet is not late


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414, "target_too_long"),
        (b"GET /livez?" + b"a" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414, "target_too_long"),
        (b"GET /livez HTTP/1.1\r\nX-A: " + b"a" * 33_000 + b"\r\n\r\n", 431, "head_too_large"),
        (b"GET /livez HTTP/1.1\r\n" + b"X-A: a\r\n" * 9000 + b"\r\n", 431, "head_too_large"),
        (b"GET /livez HTTP/1.1\r\nX-A: " + b"a" * 600_000, 431, "head_too_large"),
        (b"GET /" + b"a" * 600_000, 431, "head_too_large"),
        (b"GET /\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n", 400, "malformed_request"),
        (b"GET http://[::1 HTTP/1.1\r\nHost: x\r\n\r\n", 400, "malformed_request"),
        (b"\x16\x03\x01 hello\r\n\r\n", 400, "malformed_request"),
        (b"GET /livez HTTP/9.9\r\n\r\n", 400, "malformed_request"),
        (b"POST /api/users HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400, "malformed_request"),
        (b"POST /api/users HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400, "malformed_request"),
        (b"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400, "malformed_request"),
    ],
    ids=[
        "path",
        "query",
        "header",
        "headers",
        "endless header",
        "endless path",
        "bytes in path",
        "host",
        "tls",
        "version",
        "negative length",
        "two lengths",
        "length and chunks",
    ],
)
async def test_a_head_that_cannot_be_read_is_told_why(port, sent, status, code):
    async with peer(port) as rude:
        sending = asyncio.create_task(rude.send(sent))
        told_status, told = await rude.hears()
        assert (told_status, told["code"], told["type"]) == (status, code, f"/reference/problems#{code}")
        assert await rude.is_left()
        await asyncio.gather(sending, return_exceptions=True)


async def test_a_chunk_that_is_none_is_malformed(port, key):
    async with peer(port) as rude:
        await rude.send(post(key, "/api/users", "Transfer-Encoding: chunked") + b"zz\r\n{}\r\n")
        assert (await rude.hears())[0] == 400
        assert await rude.is_left()


async def test_the_rest_of_a_body_that_was_answered_is_not_taken_for_ever(port, monkeypatch):
    monkeypatch.setattr("api.conventions.connections.REST_SECONDS", 0.2)
    async with peer(port) as stubborn:
        await stubborn.send(post("Bearer none", "/api/users", f"Content-Length: {10 * MEGABYTE}") + b" " * 1000)
        assert (await stubborn.hears())[0] == 401
        assert await stubborn.is_left()


async def test_a_length_that_lies_is_found_out(port, key):
    async with peer(port) as liar:
        await liar.send(post(key, "/api/users", "Content-Length: 2") + b"{}, and more\r\n\r\n")
        assert (await liar.hears())[1]["code"] == "malformed_request"
        assert await liar.is_left()


async def test_a_reader_who_takes_nothing_does_not_keep_what_is_sent(port, monkeypatch):
    monkeypatch.setattr("api.conventions.connections.STALLED_SECONDS", 0.2)
    async with peer(port) as greedy:
        # More than the buffers on the way hold, so that the server cannot get rid of it.
        asking = b"GET /schema/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n" * 400
        await greedy.send(asking)

        async def let_go() -> bool:
            try:
                await greedy.send(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n")
            except ConnectionError:
                return True
            return False

        await until(let_go)


async def test_an_upgrade_to_what_nobody_speaks_is_no_fault_of_ours(port):
    async with peer(port) as hopeful:
        await hopeful.send(
            b"GET /api/live HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        assert 400 <= await hopeful.hears_status() < 500


def resident(pid: int) -> int:
    """Bytes of memory that a process holds."""
    with open(f"/proc/{pid}/statm") as told:  # noqa: PTH123 - no file of ours
        return int(told.read().split()[1]) * 4096


async def test_nothing_of_it_makes_the_server_grow(postgres_url, nats_url, redis_url, tmp_path):
    deep = b'{"title": "x", "generation": ' + b'{"a":' * 40_000
    with empty_database(postgres_url) as database:
        async with served(database, nats_url, redis_url, tmp_path) as server, server.client() as client:

            async def attack(each: int) -> None:
                path = f"/api/videos/{uuid4()}"
                json_, packed = {"Content-Type": "application/json"}, {"Content-Encoding": "gzip"}
                bomb = gzip.compress(b"[" * (16 * MEGABYTE))
                for body in (deep, b"[" * 250_000, b'{"a":"' + b"\xed\xa0\x80" * 80_000, b" " * (2 * MEGABYTE)):
                    answer = await client.put(path, content=body, headers=json_)
                    assert 400 <= answer.status_code < 500
                answer = await client.post("/api/interactions", content=bomb, headers={**json_, **packed})
                assert answer.status_code == 413
                answer = await client.get("/api/recommendations", params={"user_id": f"{each}" + "x" * 7000})
                assert answer.status_code == 422
                async with peer(server.port) as rude:
                    await asyncio.gather(rude.send(b"GET /" + b"a" * MEGABYTE), return_exceptions=True)

            await attack(0)
            before = resident(server.process.pid)
            for each in range(1, 41, 4):
                await asyncio.gather(*(attack(one) for one in range(each, each + 4)))
            grown = resident(server.process.pid) - before
            assert not server.logged("request_failed")
    assert grown < 50 * MEGABYTE, f"{grown / MEGABYTE:.0f} MB"
