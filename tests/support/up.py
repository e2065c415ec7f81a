"""The whole platform as a newcomer starts it: ``playhead up`` on a directory."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from adapters.embedded.ports import free_port
from adapters.settings import Settings, load_settings
from tests.support.source_tree import ROOT

START_SECONDS, STOP_SECONDS = 60.0, 40.0


class Platform:
    """One that runs; ``url`` is where it answers."""

    def __init__(self, directory: Path, output: Path, port: int) -> None:
        self.directory = directory
        self.url = f"http://127.0.0.1:{port}"
        self._output = output
        self._surroundings = {
            name: value
            for name, value in os.environ.items()  # noqa: TID251 # what a process needs besides ours
            if not name.startswith("PLAYHEAD_")
        }
        with output.open("wb") as log:
            self._process = self._start("up", "--data", str(directory), "--port", str(port), log=log)

    @property
    def output(self) -> str:
        return self._output.read_text()

    @property
    def settings(self) -> Settings:
        return load_settings({}, data=self.directory)

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run another command on the same directory."""
        command = [sys.executable, "-m", "api.cli", *words, "--data", str(self.directory)]
        environment = {**self._surroundings, "PYTHONPATH": str(ROOT)}
        return subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False
        )

    def pid(self, name: str) -> int:
        """The process of a child."""
        return json.loads((self.directory / "endpoints.json").read_bytes())["pids"][name][0]

    def until_serving(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while "serves at" not in self.output:
            assert self._process.poll() is None, self.output
            assert time.monotonic() < deadline, self.output
            time.sleep(0.05)

    def stop(self) -> None:
        """Ask it to stop, and wait until it has."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(STOP_SECONDS)

    def _start(self, *words: str, log: IO[bytes]) -> subprocess.Popen[bytes]:
        environment = {**self._surroundings, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-m", "api.cli", *words]
        return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT)


@contextmanager
def up(directory: Path) -> Generator[Platform]:
    """A platform that serves, and is stopped at the end of the block."""
    platform = Platform(directory, directory.with_name(f"{directory.name}.output"), free_port())
    try:
        platform.until_serving()
        yield platform
    finally:
        platform.stop()
