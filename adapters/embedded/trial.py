"""One server on its own, for as long as a test or a trial needs it."""

import asyncio
import secrets
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from adapters.embedded.milvus import Milvus
from adapters.embedded.nats import Nats
from adapters.embedded.ports import free_port
from adapters.embedded.postgres import Postgres
from adapters.embedded.service import Service
from adapters.embedded.spawning import stop
from adapters.embedded.starting import start, until_ready
from adapters.embedded.valkey import Valkey

START_SECONDS = 60.0
STOP_SECONDS = 15.0


@contextmanager
def trial_postgres(directory: Path) -> Generator[str]:
    """The URL of a new PostgreSQL with its files in ``directory``: as durable as any, with less memory."""
    service = Postgres(directory, port=free_port(), password=secrets.token_hex(16), shared_buffers="64MB")
    with trial(service, directory / "logs"):
        yield service.url


@contextmanager
def trial_nats(directory: Path) -> Generator[str]:
    """The URL of a new NATS with JetStream, token included."""
    service = Nats(directory, port=free_port(), monitoring_port=free_port(), token=secrets.token_hex(16))
    with trial(service, directory / "logs"):
        yield service.url


@contextmanager
def trial_valkey(directory: Path) -> Generator[str]:
    """The URL of a new server that speaks Redis, password included."""
    service = Valkey(directory, port=free_port(), password=secrets.token_hex(16))
    with trial(service, directory / "logs"):
        yield service.url


@contextmanager
def trial_milvus(directory: Path) -> Generator[str]:
    """The address of a new Milvus Lite server."""
    service = Milvus(directory, port=free_port())
    with trial(service, directory / "logs"):
        yield service.url


@contextmanager
def trial(service: Service, logs: Path) -> Generator[None]:
    """Start it, and stop it at the end of the block.  Not inside a running event loop, and in the main thread."""
    logs.mkdir(parents=True, exist_ok=True)
    started = asyncio.run(start(service, logs=logs))
    try:
        asyncio.run(until_ready(service, started, seconds=START_SECONDS))
        yield
    finally:
        asyncio.run(stop(started.process, started.command.stop_signal, seconds=STOP_SECONDS))
