"""Milvus Lite as a server of its own, from the wheel ``milvus-lite``."""

import signal
import sys
from collections.abc import Mapping
from pathlib import Path

from adapters.embedded.questions import answers_http2
from adapters.embedded.service import Health
from adapters.embedded.spawning import Command

VARIABLES: Mapping[str, str] = {
    "PYTHONUNBUFFERED": "1",
    "OMP_NUM_THREADS": "1",  # a search of ours is short; threads would fight over the cores with the database
    "OPENBLAS_NUM_THREADS": "1",
}


class Milvus:
    """One server for the API and the workers: the files allow a single process.

    Without a password, which it does not know: it listens on the loopback
    interface only, and holds nothing but vectors that can be made again.
    """

    name = "milvus"
    patience = 30.0

    def __init__(self, directory: Path, *, port: int) -> None:
        self._directory = directory / "milvus"
        self._port = port
        self.url = f"http://127.0.0.1:{port}"

    async def prepare(self) -> Command:
        """Only SIGINT closes its files in good order."""
        place = ("--data-dir", str(self._directory), "--host", "127.0.0.1", "--port", str(self._port))
        return Command(
            argv=(sys.executable, "-I", "-m", "milvus_lite", "server", *place),
            stop_signal=signal.SIGINT,
            variables=VARIABLES,
        )

    async def probe(self) -> Health:
        """Whether its gRPC server answers."""
        return Health.READY if await answers_http2(self._port) else Health.FAILING
