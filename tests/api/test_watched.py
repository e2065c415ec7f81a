"""A port of its own for those who watch, and whose word on addresses is believed."""

import asyncio
import socket
import sys

import httpx
import pytest

from adapters.embedded.ports import free_port
from tests.api.test_process import served
from tests.support.databases import empty_database
from tests.support.source_tree import ROOT

pytestmark = pytest.mark.anyio


async def test_metrics_are_served_on_their_own_port_and_nowhere_else(postgres_url, nats_url, redis_url, tmp_path):
    port = free_port()
    with empty_database(postgres_url) as database:
        async with (
            served(database, nats_url, redis_url, tmp_path, PLAYHEAD_METRICS_PORT=str(port)) as server,
            httpx.AsyncClient() as client,
        ):
            watching = f"http://127.0.0.1:{port}"
            assert "process_cpu_seconds_total" in (await client.get(f"{watching}/metrics")).text
            assert (await client.get(f"{watching}/livez")).status_code == 200
            assert (await client.get(f"{watching}/readyz")).json()["checks"]["postgres"]["status"] == "up"
            assert (await client.get(f"{watching}/api/users")).status_code == 404
            assert (await client.get(f"http://127.0.0.1:{server.port}/metrics")).status_code == 404
            server.process.terminate()
            assert await server.process.wait() == 0


async def test_a_metrics_port_that_is_taken_is_told_in_one_line(database, nats_url, redis_url, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        told = {
            "PLAYHEAD_METRICS_PORT": str(taken.getsockname()[1]),
            "PLAYHEAD_POSTGRES_URL": database,
            "PLAYHEAD_NATS_URL": nats_url,
            "PLAYHEAD_REDIS_URL": redis_url,
            "PLAYHEAD_MASTER_KEY": "5e" * 32,
        }
        command = [sys.executable, "-m", "api", "--data", str(tmp_path), "--port", "0"]
        process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=told, stderr=asyncio.subprocess.PIPE)
        _, said = await process.communicate()
    assert process.returncode == 1
    assert "cannot listen on 127.0.0.1" in said.decode()


@pytest.mark.parametrize(("trusted", "counted_together"), [("", True), ("127.0.0.1", False)])
async def test_proxies_are_believed_about_addresses_only_by_setting(
    postgres_url, nats_url, redis_url, tmp_path, trusted, counted_together
):
    told = {"PLAYHEAD_FAILURES_PER_MINUTE": "1000", "PLAYHEAD_TRUSTED_PROXIES": trusted}
    with empty_database(postgres_url) as database:
        async with served(database, nats_url, redis_url, tmp_path, **told) as server, httpx.AsyncClient() as client:
            url = f"http://127.0.0.1:{server.port}/api/projections"
            answers = [await client.get(url, headers={"X-Forwarded-For": f"198.18.0.{n}"}) for n in range(2)]
    first, second = [int(each.headers["ratelimit"].partition(";r=")[2].partition(";")[0]) for each in answers]
    assert (first, second) == ((first, first - 1) if counted_together else (999, 999))
