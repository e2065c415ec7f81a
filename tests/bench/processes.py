"""The real processes, each on its own, over real servers in a temporary directory."""

import asyncio
import http.client
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar
from uuid import uuid4

import msgspec

from adapters.composition import System, compose, prepare
from adapters.embedded.ports import free_port
from adapters.embedded.trial import trial_milvus, trial_nats, trial_postgres, trial_valkey
from adapters.settings import Settings
from application.actor import Actor, Call
from application.identity.api_keys import IssueApiKey
from domain.identity.api_key import Scope
from tests.bench.harness import tell

START_SECONDS = 60.0
STOP_SECONDS = 20.0
OPERATOR = Actor(id="bench", scope=Scope.ADMIN, call=Call(id=uuid4()))

T = TypeVar("T")


class Site(msgspec.Struct, frozen=True):
    """Where the API and the echo beside it answer, and a key of scope service."""

    settings: Settings
    port: int
    echo_port: int
    key: str

    def within(self, work: Callable[[System], Awaitable[T]]) -> T:
        """What ``work`` returns for a system of this process, on the same servers."""
        return asyncio.run(_within(self.settings, work))


@contextmanager
def running_site(*workers: str, fill: Callable[[System], Awaitable[object]] | None = None) -> Generator[Site]:
    """The API, an echo and the named workers; ``fill`` has its way with the logs before they start."""
    with ExitStack() as running:
        directory = Path(running.enter_context(TemporaryDirectory(prefix="playhead-bench-")))
        tell(f"PostgreSQL, NATS and Valkey run in {directory}")
        settings = Settings(
            data=str(directory),
            postgres_url=running.enter_context(trial_postgres(directory)),
            nats_url=running.enter_context(trial_nats(directory)),
            redis_url=running.enter_context(trial_valkey(directory)),
            milvus_uri=running.enter_context(trial_milvus(directory)) if workers else "",
            master_key="5e" * 32,
            port=free_port(),
        )
        asyncio.run(prepare(settings))
        if fill is not None:
            asyncio.run(_within(settings, fill))
        key = asyncio.run(_within(settings, _key))
        site = Site(settings, settings.port, free_port(besides=[settings.port]), key)
        for arguments in (["api"], ["tests.bench.echo", str(site.echo_port)], *(["workers", name] for name in workers)):
            running.enter_context(process(arguments, settings))
        until_answering(site.port, "/livez")
        until_answering(site.echo_port, "/twenty")
        yield site


async def _within(settings: Settings, work: Callable[[System], Awaitable[T]]) -> T:
    async with compose(settings) as system:
        return await work(system)


async def _key(system: System) -> str:
    asked = IssueApiKey(scope=Scope.SERVICE, label="bench")
    return (await system.api_keys.issue(asked, by=OPERATOR)).key


@contextmanager
def process(arguments: list[str], settings: Settings) -> Generator[None]:
    """``python -m`` with these arguments, as long as the block lasts."""
    variables = {name: str(value) for name, value in msgspec.to_builtins(settings).items()}
    log = Path(settings.data) / f"{arguments[0]}.log"
    with log.open("ab") as output:
        running = subprocess.Popen([sys.executable, "-m", *arguments], env=variables, stdout=output, stderr=output)
    try:
        yield
    finally:
        running.terminate()
        try:
            running.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()


def until_answering(port: int, path: str) -> None:
    """Wait for any answer at all; raises `TimeoutError`."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=STOP_SECONDS)
        try:
            connection.request("GET", path)
            connection.getresponse().read()
        except OSError:
            time.sleep(0.05)
        else:
            return
        finally:
            connection.close()
    raise TimeoutError(f"nothing answers on port {port}")
