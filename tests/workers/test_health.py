"""A worker says how it is: alive, ready, measured; and that it hangs, when it does."""

import asyncio
import json

import httpx
import msgspec
import pytest

from adapters.composition import System, compose, prepare
from adapters.embedded.ports import free_port
from application.readiness import Dependency, NotReady, Watch
from tests.support.facts import NOON
from tests.support.site import settings_for
from tests.support.waiting import until
from tests.workers.test_processes import logged, publish, stopped, worker
from workers.follow import follow
from workers.health import Health, start
from workers.vitals import VITALS

pytestmark = pytest.mark.anyio


async def well() -> None:
    """What a dependency that is there answers."""


async def away() -> None:
    raise NotReady("gone fishing")


def watch(ask=well, *, required: bool = False) -> Watch:
    return Watch([Dependency(name="lake", ask=ask, required=required, without="no fish")], lambda: NOON)


class Stepper:
    """Does what it is told to."""

    name = "stepper"

    def __init__(self) -> None:
        self.steps = 0
        self.error: Exception | None = None
        self.never = asyncio.Event()
        self.hangs = False

    async def step(self) -> int:
        self.steps += 1
        if self.hangs:
            await self.never.wait()
        if self.error:
            raise self.error
        return 0


@pytest.fixture
async def stepper():
    following = Stepper()
    task = asyncio.create_task(follow(following, asyncio.Event()))
    await until(lambda: following.steps > 0)
    yield following
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert "stepper" not in VITALS.signs()


async def asked(path: str, of: Watch | None = None) -> tuple[int, dict]:
    code, _, body = await Health(of or watch()).answer(path)
    return code.value, json.loads(body)


async def test_a_follower_that_has_nothing_to_take_in_is_well(stepper: Stepper, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("workers.vitals.HUNG_SECONDS", 0.05)
    await asyncio.sleep(0.2)  # four times as long as a hung one would have
    assert await asked("/livez") == (200, {"status": "alive", "hung": []})
    assert (await asked("/readyz"))[1]["followers"]["stepper"]["status"] == "following"


async def test_a_follower_whose_step_does_not_end_makes_its_process_one_to_start_again(
    stepper: Stepper, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("workers.vitals.HUNG_SECONDS", 0.1)
    stepper.hangs = True
    await until(lambda: VITALS.hung() == ["stepper"], seconds=5)
    assert await asked("/livez") == (503, {"status": "hung", "hung": ["stepper"]})
    assert (await asked("/readyz"))[1]["status"] == "degraded"


async def test_a_follower_that_fails_is_alive_and_says_what_of(stepper: Stepper):
    stepper.error = ConnectionRefusedError("secret-host:5432 refused")
    await until(lambda: VITALS.signs()["stepper"].status == "failing")
    assert (await asked("/livez"))[0] == 200
    code, ready = await asked("/readyz")
    assert (code, ready["status"]) == (200, "degraded")
    assert ready["followers"]["stepper"]["error"] == "ConnectionRefusedError"
    assert "secret-host" not in json.dumps(ready)
    stepper.error = None
    await until(lambda: VITALS.signs()["stepper"].status == "following")


async def test_what_is_amiss_is_said_with_its_reason_its_beginning_and_what_fails_meanwhile():
    code, ready = await asked("/readyz", watch(away))
    assert (code, ready["status"]) == (200, "degraded")
    [lake] = ready["checks"].values()
    assert lake.pop("milliseconds") >= 0
    assert lake == {
        "status": "down",
        "since": NOON.isoformat().replace("+00:00", "Z"),
        "error": "gone fishing",
        "without": "no fish",
    }


async def test_without_what_it_cannot_do_without_it_is_not_ready():
    assert (await asked("/readyz", watch(away, required=True)))[0] == 503


async def test_told_to_stop_it_is_not_ready_from_that_moment_on():
    watched = watch()
    assert (await asked("/readyz", watched))[1]["status"] == "ready"
    watched.stop()
    code, ready = await asked("/readyz", watched)
    assert (code, ready["status"]) == (503, "stopping")


async def test_a_dependency_that_never_answers_is_down_in_time(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("application.readiness.PROBE_SECONDS", 0.05)
    never = asyncio.Event()

    async def hang() -> None:
        while not never.is_set():
            try:
                await never.wait()
            except asyncio.CancelledError:
                continue

    async with asyncio.timeout(5):
        readiness = await watch(hang).readiness()
    assert readiness.checks["lake"].error == "no answer within 0.05 s"
    never.set()


async def test_many_who_ask_at_once_are_one_question():
    asks = 0

    async def count() -> None:
        nonlocal asks
        asks += 1
        await asyncio.sleep(0)

    watched = watch(count)
    await asyncio.gather(*(watched.readiness() for _ in range(100)))
    assert asks == 1


@pytest.mark.parametrize("sent", [b"", b"\r\n", b"GET\r\n\r\n", b"\xff\xfe\r\n\r\n", b"GET /" + b"x" * 100_000])
async def test_what_is_not_http_ends_the_connection_and_nothing_else(sent: bytes):
    port = free_port()
    async with await start(Health(watch()), "127.0.0.1", port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(sent)
        writer.write_eof()
        async with asyncio.timeout(5):
            assert await reader.read() == b""
        writer.close()
        async with httpx.AsyncClient() as client:
            assert (await client.get(f"http://127.0.0.1:{port}/livez")).status_code == 200
            assert (await client.get(f"http://127.0.0.1:{port}/elsewhere")).status_code == 404


async def test_a_worker_answers_at_the_port_it_was_told(database, nats_url, redis_url, tmp_path):
    port = free_port()
    settings = settings_for(database, nats_url, redis_url)
    await prepare(settings)
    async with compose(settings) as system, httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        with worker(msgspec.structs.replace(settings, metrics_port=port), tmp_path, "projections") as running:
            await until(lambda: logged(tmp_path, "worker_started") == 1)
            await _answers(system, client)
            assert stopped(running) == 0


async def _answers(system: System, client: httpx.AsyncClient) -> None:
    assert (await client.get("/livez")).json() == {"status": "alive", "hung": []}
    ready = (await client.get("/readyz")).json()
    assert {"videos:catalog", "video_engagement:engagement"} <= ready["followers"].keys()
    assert ready["checks"]["postgres"]["status"] == "up"
    await publish(system, 1)

    async def counted() -> bool:
        return 'playhead_projection_applied_events_total{log="catalog"' in (await client.get("/metrics")).text

    await until(counted)
