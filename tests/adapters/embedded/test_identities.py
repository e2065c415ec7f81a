"""Who runs the launcher: PostgreSQL refuses root, and an ordinary user may change no identities."""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg
import pytest

from tests.adapters.embedded.running import running

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="takes root to become others")

WITHOUT_NAMESPACES = ("unshare", "--mount", "sh", "-c", 'mount --rbind / "$0" && exec chroot "$0" "$@"')
"""The kernel lets nobody make a user namespace from inside a changed root directory (user_namespaces(7))."""


@pytest.fixture
def place():
    """A directory that other users may look into, unlike pytest's."""
    path = Path(tempfile.mkdtemp(prefix="playhead-"))
    yield path
    shutil.rmtree(path)


def owner_of_server(directory: Path, url: str) -> str:
    """The user who owns the database's files, having looked that the server answers."""
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    return pwd.getpwuid((directory / "postgres").stat().st_uid).pw_name


def test_root_without_namespaces_runs_the_database_as_nobody_in_a_directory_of_its_own(place):
    (place / "root").mkdir()
    wrapper = (*WITHOUT_NAMESPACES, str(place / "root"))
    if subprocess.run([*wrapper, "true"], check=False, capture_output=True).returncode != 0:
        pytest.skip("no mounts here")
    place.chmod(0o700)  # only root gets through, as with /root
    for _start in ("first", "second"):
        with running(place / "data", wrapper=wrapper) as platform:
            assert owner_of_server(place / "data", platform.settings["PLAYHEAD_POSTGRES_URL"]) == "nobody"


def test_an_ordinary_user_runs_everything(place):
    nobody = pwd.getpwnam("nobody")
    become = ("setpriv", f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups")
    wrapper = (*become, "sh", "-c", 'exec "$0" "$@"')  # setpriv itself starts its program with root's rights
    if subprocess.run([*wrapper, sys.executable, "-c", ""], check=False, capture_output=True).returncode != 0:
        pytest.skip("this Python is not for other users")
    shutil.chown(place, nobody.pw_uid)
    with running(place / "data", wrapper=wrapper) as platform:
        assert owner_of_server(place / "data", platform.settings["PLAYHEAD_POSTGRES_URL"]) == "nobody"
