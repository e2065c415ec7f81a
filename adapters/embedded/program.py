"""A process of the platform's own, such as the API or a worker."""

import sys
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from pathlib import Path

import msgspec

from adapters.embedded.questions import http_status
from adapters.embedded.service import CannotStart, Health
from adapters.embedded.spawning import Command, exit_of, last_line, spawn, stop

EVERY_ADDRESS: Mapping[str, str] = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104 - listens nowhere
"""What a server that listens everywhere is asked at."""

LOOPBACK = "127.0.0.1"
STOP_SECONDS = 5.0


class Child(msgspec.Struct, frozen=True, kw_only=True):
    """What to run: ``python`` with ``arguments``, and ``--data`` after them.

    ``health_path`` is what it answers with 200 while it is well, on the
    platform's port, or on one of its own that it is told as
    ``PLAYHEAD_METRICS_PORT``; empty if it has no such thing, and then only its
    end is noticed.
    """

    name: str
    arguments: Sequence[str]
    health_path: str = ""
    own_port: bool = False

    @property
    def serves(self) -> bool:
        """Whether it answers on the platform's port, and so has to stop before all others."""
        return bool(self.health_path) and not self.own_port


class Program:
    """A child as a service; it knows the platform by its data directory.

    ``health_port`` is its own, on the loopback interface, if it has one.
    """

    patience = 15.0

    def __init__(self, child: Child, *, directory: Path, host: str, port: int, health_port: int = 0) -> None:
        self.name = child.name
        self._health_port = health_port
        self._child = child
        self._directory = directory
        self._host = EVERY_ADDRESS.get(host, host)
        self._port = port

    async def prepare(self) -> Command:
        """Nothing to prepare."""
        command = command_of(self._child.arguments, directory=self._directory, port=self._port)
        if not self._health_port:
            return command
        told = {"PLAYHEAD_HOST": LOOPBACK, "PLAYHEAD_METRICS_PORT": str(self._health_port)}
        return msgspec.structs.replace(command, variables={**command.variables, **told})

    async def probe(self) -> Health:
        """Its own word, if it answers at all; a child without a health path is well as long as it runs."""
        if not self._child.health_path:
            return Health.READY
        where = (self._health_port, LOOPBACK) if self._health_port else (self._port, self._host)
        status = await http_status(where[0], self._child.health_path, where[1])
        return Health.READY if status == HTTPStatus.OK else Health.FAILING


async def run_once(child: Child, *, directory: Path, logs: Path, port: int) -> None:
    """Run the child to its end.  Raises `CannotStart` with the last line it wrote if it does not succeed."""
    command = command_of(child.arguments, directory=directory, port=port)
    log = logs / f"{child.name}.log"
    process = spawn(command, log=log)
    try:
        status = await exit_of(process)
    finally:
        await stop(process, command.stop_signal, seconds=STOP_SECONDS)
    if status != 0:
        raise CannotStart(f"{child.name} failed: {last_line(log)} (see {log})")


def command_of(arguments: Sequence[str], *, directory: Path, port: int) -> Command:
    """Run ``python`` with ``arguments`` on the platform in ``directory``."""
    project = Path(__file__).resolve().parents[2]
    return Command(
        argv=(sys.executable, "-P", *arguments, "--data", str(directory)),
        variables={
            "PYTHONPATH": str(project),
            "PYTHONUNBUFFERED": "1",  # its log has lines in the order they were written, also the last before a kill
            "PLAYHEAD_DATA": str(directory),
            "PLAYHEAD_PORT": str(port),
        },
        inherits=True,
    )
