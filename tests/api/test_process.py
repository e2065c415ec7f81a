"""The server as it is run: a process of its own, on a socket."""

import asyncio
import json
import os
import signal
import socket
import sys
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import httpx
import psycopg
import pytest

from adapters.composition import compose, prepare
from application.identity.api_keys import IssueApiKey
from domain.identity.api_key import Scope
from tests.api.test_engagement import interaction, report
from tests.support.databases import empty_database
from tests.support.site import OPERATOR, settings_for
from tests.support.source_tree import ROOT

pytestmark = pytest.mark.anyio

JSON = {"Content-Type": "application/json"}
START_SECONDS = 30


class Served:
    """A running server: its process, what it has logged, and somebody with a key of scope service."""

    def __init__(self, process: asyncio.subprocess.Process, log: Path, key: str) -> None:
        self.process = process
        self._log = log
        self.key = key
        self.port = 0

    async def started(self) -> None:
        await until(lambda: bool(self.logged("api_started")) or self.process.returncode is not None)
        assert self.process.returncode is None, self.text
        [line] = self.logged("api_started")
        self.port = line["port"]

    def logged(self, event: str) -> list[dict]:
        lines = [json.loads(line) for line in self._log.read_text().splitlines() if line.endswith("}")]
        return [line for line in lines if line["event"] == event]

    @property
    def text(self) -> str:
        return self._log.read_text()

    def client(self) -> httpx.AsyncClient:
        headers = {"Authorization": f"Bearer {self.key}"}
        return httpx.AsyncClient(base_url=f"http://127.0.0.1:{self.port}", headers=headers, timeout=15)


@asynccontextmanager
async def served(database: str, nats_url: str, redis_url: str, folder: Path, **told: str) -> AsyncGenerator[Served]:
    settings = settings_for(database, nats_url, redis_url)
    await prepare(settings)
    async with compose(settings) as system:
        key = (await system.api_keys.issue(IssueApiKey(scope=Scope.SERVICE, label="test"), OPERATOR)).key
    environment = {
        "PATH": os.defpath,
        "PLAYHEAD_POSTGRES_URL": database,
        "PLAYHEAD_NATS_URL": nats_url,
        "PLAYHEAD_REDIS_URL": redis_url,
        "PLAYHEAD_MASTER_KEY": settings.master_key,
        **told,
    }
    log = folder / "api.log"
    command = [sys.executable, "-m", "api", "--data", str(folder), "--port", "0"]
    with log.open("wb") as to:
        process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=environment, stderr=to)
    server = Served(process, log, key)
    try:
        await server.started()
        yield server
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@pytest.fixture(scope="module")
async def server(postgres_url, nats_url, redis_url, tmp_path_factory):
    with empty_database(postgres_url) as database:
        async with served(database, nats_url, redis_url, tmp_path_factory.mktemp("api")) as server:
            yield server


async def test_a_chunked_body_is_counted_while_it_is_read(server):
    async def chunks():
        for _ in range(24):
            yield b" " * 65_536

    async with server.client() as client:
        answer = await client.post("/api/interactions", content=chunks(), headers=JSON)
        assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
        # The connection, or a new one, is good for more.
        assert (await report(client, interaction())).status_code == 202


async def test_a_chunked_body_that_fits_is_taken(server):
    body = json.dumps({"interactions": [interaction()]}).encode()

    async def chunks():
        for start in range(0, len(body), 7):
            yield body[start : start + 7]

    async with server.client() as client:
        answer = await client.post("/api/interactions", content=chunks(), headers=JSON)
        assert (answer.status_code, answer.json()["accepted"]) == (202, 1)


async def test_an_empty_chunked_body_is_malformed(server):
    async def chunks():
        yield b""

    async with server.client() as client:
        answer = await client.post("/api/users", content=chunks(), headers=JSON)
        assert (answer.status_code, answer.json()["code"]) == (400, "malformed_json")


async def test_what_is_not_http_is_turned_away_and_the_server_lives_on(server):
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(b"\x16\x03\x01 hello\r\n\r\n")
    assert b"400" in await asyncio.wait_for(reader.read(), 5)
    writer.close()
    await writer.wait_closed()
    async with server.client() as client:
        assert (await client.get("/livez")).status_code == 200


async def test_a_client_that_leaves_in_the_middle_of_a_body_is_no_fault_of_ours(server):
    _, writer = await asyncio.open_connection("127.0.0.1", server.port)
    head = f"POST /api/users HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {server.key}\r\nContent-Length: 99\r\n"
    writer.write(head.encode() + b"Content-Type: application/json\r\n\r\n{")
    await writer.drain()
    async with server.client() as client:
        await client.get(f"/api/users/{uuid4()}")
        writer.close()
        await writer.wait_closed()
        await until(lambda: any(line["status"] == 499 for line in server.logged("request_answered")))
    assert server.logged("request_failed") == []


async def until(met: Callable[[], bool]) -> None:
    """Until ``met``, for half a minute at most."""
    deadline = time.monotonic() + START_SECONDS
    while not met():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)


async def test_faults_are_logged_without_what_was_sent(postgres_url, nats_url, redis_url, tmp_path):
    with empty_database(postgres_url) as database:
        async with served(database, nats_url, redis_url, tmp_path) as server, server.client() as client:
            async with await psycopg.AsyncConnection.connect(database, autocommit=True) as connection:
                await connection.execute("ALTER TABLE vault.subject_keys RENAME TO hidden")
            answer = await client.post("/api/users", json={"name": "Secret Name"})
            assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
            [line] = server.logged("request_failed")
            assert line["request_id"] == answer.headers["x-request-id"]
            assert line["exception"]
            assert "Secret Name" not in server.text
            assert server.key.rpartition("_")[2] not in server.text


async def test_told_to_stop_it_answers_what_is_under_way_and_ends_well(postgres_url, nats_url, redis_url, tmp_path):
    with empty_database(postgres_url) as database:
        async with served(database, nats_url, redis_url, tmp_path) as server, server.client() as client:
            async with await psycopg.AsyncConnection.connect(database) as blocker:
                await blocker.execute("SELECT position FROM log.engagement_head FOR UPDATE")
                asked = asyncio.create_task(report(client, interaction()))
                await until_waiting(database)
                server.process.send_signal(signal.SIGTERM)
                await until(lambda: refuses(server.port))
                await blocker.rollback()
            assert (await asked).status_code == 202
            assert await asyncio.wait_for(server.process.wait(), 15) == 0
            assert server.logged("api_stopped")


async def until_waiting(database: str) -> None:
    """Until a connection waits for a lock of another one."""
    waiting = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with psycopg.connect(database, autocommit=True) as connection:
        await until(lambda: connection.execute(waiting).fetchone() is not None)


def refuses(port: int) -> bool:
    """Whether nobody listens there any more."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return True
    return False


async def test_a_port_that_is_taken_is_told_in_one_line(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        command = [sys.executable, "-m", "api", "--data", str(tmp_path), "--port", str(taken.getsockname()[1])]
        process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stderr=asyncio.subprocess.PIPE)
        _, said = await asyncio.wait_for(process.communicate(), START_SECONDS)
    assert process.returncode == 1
    assert said.decode().count("\n") == 1
    assert "cannot listen" in said.decode()
