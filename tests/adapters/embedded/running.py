"""A platform in a directory, seen from outside: its output, its processes, its addresses."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[3]
DEADLINE = 20.0

NO_MILVUS = {"PLAYHEAD_MILVUS_URI": "http://127.0.0.1:9"}
"""It takes seconds to import and has no part in most of this."""


def until(true: Callable[[], object], what: str, *, seconds: float = DEADLINE) -> None:
    """Wait for a condition, and fail naming it."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"waited {seconds} s: {what}"
        time.sleep(0.02)


class Running:
    """One launcher; ``output`` is what it has written so far."""

    def __init__(self, directory: Path, *arguments: str, wrapper: tuple[str, ...] = (), **variables: str) -> None:
        self.directory = directory
        self._written = directory.with_name(f"{directory.name}.output")
        command = (*wrapper, sys.executable, "-m", "tests.adapters.embedded.launch", str(directory), *arguments)
        environment = {
            name: value
            for name, value in os.environ.items()  # noqa: TID251 - what this run itself was started with
            if not name.startswith("PLAYHEAD_")
        }
        with self._written.open("wb") as output:
            self.process = subprocess.Popen(
                command,
                cwd=PROJECT,
                env={**environment, **NO_MILVUS, **variables, "PYTHONPATH": str(PROJECT)},
                stdout=output,
                stderr=output,
            )

    @property
    def output(self) -> str:
        return self._written.read_text()

    @property
    def settings(self) -> dict[str, str]:
        return self.endpoints()["settings"]

    def pids(self) -> dict[str, int]:
        return {name: pid for name, (pid, _) in self.endpoints()["pids"].items()}

    def until_serving(self) -> None:
        until(lambda: "serves at" in self.output or self.process.poll() is not None, "the platform to serve")
        assert "serves at" in self.output, self.output

    def until_said(self, words: str, *, seconds: float = DEADLINE) -> None:
        until(lambda: words in self.output, f"{words!r} in: {self.output}", seconds=seconds)

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(DEADLINE)

    def endpoints(self):
        return json.loads((self.directory / "endpoints.json").read_bytes())


@contextmanager
def running(directory: Path, *arguments: str, wrapper: tuple[str, ...] = (), **variables: str) -> Generator[Running]:
    """A platform that serves, and is stopped at the end unless the block has ended it itself."""
    platform = Running(directory, *arguments, wrapper=wrapper, **variables)
    try:
        platform.until_serving()
        yield platform
    finally:
        platform.stop()


def processes_naming(directory: Path) -> list[str]:
    """The command lines of processes that were started for ``directory`` or work in it."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            if line and (str(directory) in line or str(directory) in str((entry / "cwd").readlink())):
                found.append(line)
        except OSError:
            continue
    return found
