"""What a supervisor keeps running, in its own words."""

import asyncio
from enum import Enum
from typing import Protocol

from adapters.embedded.spawning import Command


class Health(Enum):
    """What a service answers when asked."""

    READY = "ready"
    BUSY = "busy"
    """It answers, but cannot serve yet: it starts, recovers or loads.  Never a reason to restart it."""
    FAILING = "failing"
    """It does not answer, or says itself that it cannot go on."""


class CannotStart(Exception):
    """A service cannot run here; the message says why, in one line."""


class Service(Protocol):
    """A program that is started, asked for its health, and started again when it fails."""

    @property
    def name(self) -> str:
        """In lower case: names its log file."""
        ...

    @property
    def patience(self) -> float:
        """Seconds without a sign of life after which it is taken for hung."""
        ...

    async def prepare(self) -> Command:
        """Make its files ready, before each start; returns what to start.  Raises `CannotStart`."""
        ...

    async def probe(self) -> Health:
        """Ask for its health.  Raises `OSError` where nothing answers; may be cancelled at any moment."""
        ...


class Server(Service, Protocol):
    """A service that others reach at an address."""

    @property
    def url(self) -> str:
        """With what it takes to be let in: a secret."""
        ...


async def health_of(service: Service, *, seconds: float) -> Health:
    """The answer of a probe; none within ``seconds``, or none at all, is a failing one."""
    try:
        async with asyncio.timeout(seconds):
            return await service.probe()
    except (OSError, EOFError):  # a timeout is an OSError
        return Health.FAILING
