"""Which servers are run here, and which are somebody else's."""

from collections.abc import Mapping

import msgspec

from adapters.embedded.directory import DataDirectory
from adapters.embedded.milvus import Milvus
from adapters.embedded.nats import Nats
from adapters.embedded.ports import keep_or_choose
from adapters.embedded.postgres import Postgres
from adapters.embedded.service import Server
from adapters.embedded.valkey import Valkey
from adapters.settings import Settings

LATE = "PLAYHEAD_MILVUS_URI"
"""It takes seconds to start, and the platform serves without it meanwhile."""


class Servers(msgspec.Struct, frozen=True):
    """By the setting that names their address: those to run ``here``, and the addresses of those ``elsewhere``."""

    here: Mapping[str, Server]
    elsewhere: Mapping[str, str]

    @property
    def urls(self) -> Mapping[str, str]:
        """The addresses of all; secret, since they let one in."""
        return {**self.elsewhere, **{setting: server.url for setting, server in self.here.items()}}


def choose_servers(settings: Settings, directory: DataDirectory) -> Servers:
    """A server is run here unless the settings name one to use in its place."""
    given = {
        "PLAYHEAD_POSTGRES_URL": settings.postgres_url,
        "PLAYHEAD_NATS_URL": settings.nats_url,
        "PLAYHEAD_REDIS_URL": settings.redis_url,
        "PLAYHEAD_MILVUS_URI": settings.milvus_uri,
    }
    ours: Mapping[str, Server] = _our_own(directory)
    return Servers(
        here={setting: server for setting, server in ours.items() if not given[setting]},
        elsewhere={setting: url for setting, url in given.items() if url},
    )


def _our_own(directory: DataDirectory) -> Mapping[str, Server]:
    secrets, path = directory.secrets(), directory.path
    port = keep_or_choose(("postgres", "nats", "nats_monitoring", "valkey", "milvus"), directory.ports())
    directory.remember_ports({**directory.ports(), **port})
    return {
        "PLAYHEAD_POSTGRES_URL": Postgres(
            path,
            port=port["postgres"],
            password=secrets.postgres,
            application_password=secrets.postgres_application,
        ),
        "PLAYHEAD_NATS_URL": Nats(path, port=port["nats"], monitoring_port=port["nats_monitoring"], token=secrets.nats),
        "PLAYHEAD_REDIS_URL": Valkey(path, port=port["valkey"], password=secrets.valkey),
        "PLAYHEAD_MILVUS_URI": Milvus(path, port=port["milvus"]),
    }
