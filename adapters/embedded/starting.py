"""From a service that is not there to one that answers."""

import asyncio
import subprocess
from pathlib import Path

import msgspec

from adapters.embedded.service import CannotStart, Health, Service, health_of
from adapters.embedded.spawning import Command, spawn

FIRST_PAUSE = 0.01
LONGEST_PAUSE = 0.2


class Started(msgspec.Struct, frozen=True):
    """The process of a service, and what it was started with."""

    process: subprocess.Popen[bytes]
    command: Command


async def start(service: Service, *, logs: Path) -> Started:
    """Prepare its files and start it; it need not answer yet.  Raises `CannotStart`."""
    command = await service.prepare()
    return Started(spawn(command, log=logs / f"{service.name}.log"), command)


async def until_ready(service: Service, started: Started, *, seconds: float) -> None:
    """Ask until it is ready.  Raises `CannotStart` if it ends, or shows no sign of life for ``seconds``."""
    clock = asyncio.get_running_loop().time
    last_sign, pause = clock(), FIRST_PAUSE
    while True:
        health = await health_of(service)
        if (status := started.process.poll()) is not None:  # then it was somebody else who answered
            raise CannotStart(f"{service.name} ended with status {status}")
        if health is Health.READY:
            return
        if health is Health.BUSY:
            last_sign = clock()
        if clock() - last_sign > seconds:
            raise CannotStart(f"{service.name} did not answer within {seconds:.0f} s")
        await asyncio.sleep(pause)
        pause = min(pause * 1.5, LONGEST_PAUSE)
