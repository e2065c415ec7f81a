"""One program under supervision, whatever it does."""

import asyncio
import signal
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from adapters.embedded.program import Child, Program, run_once
from adapters.embedded.service import CannotStart
from adapters.embedded.supervisor import Patience, Supervisor

pytestmark = pytest.mark.anyio

ENDS_WELL = "print('all done')"
ENDS_BADLY = "import sys; print('some work'); sys.exit('no room on the moon')"
STAYS = "import time; time.sleep(60)"
STAYS_WHEN_ASKED = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
)
HAS_OFFSPRING = "import os, time; os.write(1, b'%d %d\\n' % (os.getpid(), os.fork())); time.sleep(60)"
"""Each of the two writes its line at once, so that they do not mix."""


@asynccontextmanager
async def supervised(directory, code, **patience):
    """A program of Python under supervision, and what is said about it."""
    said = list[str]()
    limits: dict[str, Any] = {"between_questions": 0.02, "shortest_pause": 0.01, "longest_pause": 0.04, **patience}
    program = Program(Child(name="program", arguments=("-c", code)), directory=directory, host="127.0.0.1", port=1)
    supervisor = Supervisor(
        program,
        logs=directory,
        say=lambda _name, happened: said.append(happened),
        started=lambda: None,
        patience=Patience(**limits),
    )
    supervisor.start()
    try:
        yield supervisor, said
    finally:
        async with asyncio.timeout(20):
            await supervisor.stop()


async def until(true):
    async with asyncio.timeout(20):
        while not true():  # noqa: ASYNC110 - what is waited for is another process's doing
            await asyncio.sleep(0.005)


async def test_what_keeps_failing_is_tried_later_each_time_and_at_last_reported_loudly(tmp_path):
    async with supervised(tmp_path, ENDS_WELL, too_often=5) as (_, said):
        await until(lambda: any("FAILED 5 TIMES" in line for line in said))
    pauses = [line.rpartition(" in ")[2] for line in said if "starts again" in line]
    assert pauses == ["0.01 s", "0.02 s", "0.04 s", "0.04 s", "0.04 s"]
    assert said[-1] == f"FAILED 5 TIMES in 60 s: see {tmp_path}/program.log"


async def test_failures_of_long_ago_are_forgotten(tmp_path):
    async with supervised(tmp_path, ENDS_WELL, memory=0.0) as (_, said):
        await until(lambda: len(said) >= 6)
    assert not any("FAILED" in line for line in said)
    assert {line.rpartition(" in ")[2] for line in said if "starts again" in line} == {"0.01 s"}


async def test_what_is_asked_to_stop_and_does_not_is_killed(tmp_path):
    async with supervised(tmp_path, STAYS_WHEN_ASKED, to_stop=0.2) as (supervisor, _):
        await until(lambda: "deaf" in _log(tmp_path))
        process = supervisor.current and supervisor.current.process
    assert process is not None
    assert process.returncode == -signal.SIGKILL


async def test_stopping_is_heard_even_at_the_moment_when_a_timeout_strikes(tmp_path):
    async with supervised(tmp_path, STAYS, between_questions=0.001) as (supervisor, _):
        await supervisor.first_start()
        async with asyncio.timeout(20):
            # The moment: it has struck, and the supervisor has not heard of it yet.
            while not supervisor.task.cancelling():  # noqa: ASYNC110 - no event tells of it
                await asyncio.sleep(0)


async def test_what_it_started_itself_goes_with_it(tmp_path):
    async with supervised(tmp_path, HAS_OFFSPRING):
        await until(lambda: len(_log(tmp_path).split()) == 4)  # parent and child each print two numbers
        pids = set(_log(tmp_path).split()) - {"0"}
    await until(lambda: not any(_is_running(pid) for pid in pids))


async def test_a_command_that_fails_is_quoted(tmp_path):
    command = Child(name="command", arguments=("-c", ENDS_BADLY))
    with pytest.raises(CannotStart, match="command failed: no room on the moon"):
        await run_once(command, directory=tmp_path, logs=tmp_path, port=1)


async def test_a_log_that_has_grown_long_is_put_aside(tmp_path):
    log = tmp_path / "program.log"
    log.write_bytes(bytes(10_000_001))
    async with supervised(tmp_path, STAYS) as (supervisor, _):
        await supervisor.first_start()
        assert log.stat().st_size == 0
        assert (tmp_path / "program.log.1").stat().st_size == 10_000_001


def _log(directory) -> str:
    log = directory / "program.log"
    return log.read_text() if log.exists() else ""


def _is_running(pid: str) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
