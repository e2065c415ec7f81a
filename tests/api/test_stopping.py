"""Told to stop under load, the API loses no request: balancers hear of it first, and whoever comes is answered."""

import asyncio
import signal
import time

import httpx
import psycopg
import pytest

from tests.api.test_engagement import interaction, report
from tests.api.test_process import Served, served
from tests.support.databases import empty_database
from tests.support.waiting import until

pytestmark = pytest.mark.anyio

CALLERS = 16


class Balancer:
    """Sends requests as long as ``/readyz`` lets it, over connections that are kept."""

    def __init__(self, server: Served) -> None:
        self._server = server
        self.open = True
        self.answered = 0
        self.after_the_signal = 0
        self.told_to_stop = False
        self.stays: set[str] = set()

    async def watch(self) -> None:
        async with self._server.client() as client:
            while self.open:
                readiness = await client.get("/readyz")
                self.open = readiness.status_code == 200
                assert self.open or readiness.json()["status"] == "stopping"
                await asyncio.sleep(0.05)

    async def call(self) -> None:
        """Each request is answered, or this raises."""
        async with self._server.client() as client:
            while self.open:
                late = self.told_to_stop
                answer = await report(client, interaction())
                assert answer.status_code == 202
                self.answered += 1
                self.after_the_signal += late
                self.stays.add(answer.headers.get("connection", "keep-alive"))


async def test_no_request_is_lost_while_it_stops(postgres_url, nats_url, redis_url, tmp_path):
    with empty_database(postgres_url) as database:
        async with served(database, nats_url, redis_url, tmp_path, PLAYHEAD_DRAIN_SECONDS="2") as server:
            balancer = Balancer(server)
            async with asyncio.timeout(60), asyncio.TaskGroup() as tasks:
                tasks.create_task(balancer.watch())
                for _ in range(CALLERS):
                    tasks.create_task(balancer.call())
                await until(lambda: balancer.answered > 200)
                server.process.send_signal(signal.SIGTERM)
                balancer.told_to_stop = True
            assert await server.process.wait() == 0
        assert balancer.after_the_signal > 0
        assert balancer.stays == {"keep-alive", "close"}
        with psycopg.connect(database) as connection:
            recorded = connection.execute("SELECT position FROM log.engagement_head").fetchone()
        assert recorded == (balancer.answered,)


async def test_asked_twice_it_does_not_wait_for_balancers(postgres_url, nats_url, redis_url, tmp_path):
    with empty_database(postgres_url) as database:
        async with served(database, nats_url, redis_url, tmp_path, PLAYHEAD_DRAIN_SECONDS="60") as server:
            server.process.send_signal(signal.SIGINT)
            async with server.client() as client:
                await until(lambda: stopping(client))
            server.process.send_signal(signal.SIGINT)
            began = time.monotonic()
            assert await server.process.wait() == 0
            assert time.monotonic() - began < 15


async def stopping(client: httpx.AsyncClient) -> bool:
    return (await client.get("/readyz")).json()["status"] == "stopping"
