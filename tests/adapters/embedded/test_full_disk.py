"""A disk that fills up, and has room again later."""

import subprocess
from pathlib import Path

import nats
import pytest
from nats.errors import Error

from tests.adapters.embedded.running import running

SMALL_DISK = ("unshare", "--mount", "sh", "-c", 'mount -t tmpfs -o size=16m none "$0" && exec "$@"')
"""Mounted where only the launcher and its children see it, and gone with them."""


@pytest.fixture
def small_disk(tmp_path):
    """A platform whose NATS has 16 MB, and a file that takes 4 MB of it until it is removed."""
    disk = tmp_path / "data" / "nats"
    disk.mkdir(parents=True)
    if subprocess.run([*SMALL_DISK, str(disk), "true"], check=False, capture_output=True).returncode != 0:
        pytest.skip("takes root, and mounts")
    with running(tmp_path / "data", wrapper=(*SMALL_DISK, str(disk))) as platform:
        reserve = Path(f"/proc/{platform.process.pid}/root{disk}/reserve")
        reserve.write_bytes(bytes(4_000_000))
        yield platform, reserve


@pytest.mark.anyio
async def test_nats_goes_on_by_itself_once_its_disk_has_room_again(small_disk):
    platform, reserve = small_disk
    client = await nats.connect(platform.settings["PLAYHEAD_NATS_URL"], error_cb=_ignore, max_reconnect_attempts=-1)
    stream = client.jetstream()
    await stream.add_stream(name="facts", subjects=["facts.>"])
    count = await _publish_until_full(stream)
    reserve.unlink()
    platform.until_said("nats            ready again after")
    while not await _acknowledged(stream):
        assert platform.process.poll() is None
    assert (await stream.stream_info("facts")).state.messages >= count + 1
    await client.close()


async def _publish_until_full(stream) -> int:
    """Returns how many messages of 100 kB were acknowledged; fails if the disk takes 32 MB."""
    for count in range(320):
        try:
            await stream.publish("facts.reported", bytes(100_000), timeout=1)
        except Error:
            return count
    pytest.fail("the disk was never full")


async def _acknowledged(stream) -> bool:
    try:
        await stream.publish("facts.reported", b"after", timeout=1)
    except (Error, OSError):
        return False
    return True


async def _ignore(_failure) -> None:
    """The client tells of the server's restart, which is what is wanted here."""
