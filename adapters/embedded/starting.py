"""From a service that is not there to one that answers."""

import asyncio
import subprocess
from pathlib import Path

import msgspec

from adapters.embedded.service import CannotStart, Health, Service, health_of
from adapters.embedded.spawning import Command, last_line, outcome, spawn

FIRST_PAUSE = 0.01
LONGEST_PAUSE = 0.2
ANSWER_SECONDS = 2.0

LOG_BYTES = 10_000_000
"""A log that is longer is put aside at the next start; the one put aside before goes."""


class Started(msgspec.Struct, frozen=True):
    """The process of a service, and what it was started with."""

    process: subprocess.Popen[bytes]
    command: Command
    log: Path


async def start(service: Service, *, logs: Path) -> Started:
    """Prepare its files and start it; it need not answer yet.  Raises `CannotStart`."""
    command = await service.prepare()
    log = logs / f"{service.name}.log"
    if log.exists() and log.stat().st_size > LOG_BYTES:
        log.replace(log.with_suffix(".log.1"))
    return Started(spawn(command, log=log), command, log)


async def until_ready(service: Service, started: Started, *, seconds: float) -> None:
    """Ask until it is ready.  Raises `CannotStart` if it ends, or shows no sign of life for ``seconds``."""
    clock = asyncio.get_running_loop().time
    last_sign, pause = clock(), FIRST_PAUSE
    while True:
        health = await health_of(service, seconds=ANSWER_SECONDS)
        if (status := started.process.poll()) is not None:  # then it was somebody else who answered
            raise CannotStart(f"{outcome(status)}: {last_line(started.log)} (see {started.log})")
        if health is Health.READY:
            return
        if health is Health.BUSY:
            last_sign = clock()
        if clock() - last_sign > seconds:
            raise CannotStart(f"did not answer within {seconds:.0f} s (see {started.log})")
        await asyncio.sleep(pause)
        pause = min(pause * 1.5, LONGEST_PAUSE)
