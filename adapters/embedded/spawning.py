"""One child process: started so that it cannot outlive its launcher, waited for, stopped."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import BinaryIO

import msgspec

TRAMPOLINE = Path(__file__).with_name("trampoline.py")

NO_VARIABLES: Mapping[str, str] = {}


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """A program and how it is ended.

    ``stop_signal`` asks it to end in good order.  ``death_signal`` is what the
    kernel sends it when the launcher is gone: then it has two seconds, so a
    program that would write long before it ends gets a harsher one.
    ``variables`` come on top of the launcher's environment, or stand alone where
    ``inherits`` is false.  Nothing secret belongs into ``argv`` or
    ``variables``: other users see them.
    """

    argv: Sequence[str]
    stop_signal: signal.Signals = signal.SIGTERM
    death_signal: signal.Signals = signal.SIGKILL
    variables: Mapping[str, str] = NO_VARIABLES
    inherits: bool = False
    refuses_root: bool = False


def spawn(command: Command, *, log: Path, given: str = "") -> subprocess.Popen[bytes]:
    """Start it in a session of its own, with its output appended to ``log``.

    ``given`` is a line for its standard input, at most some kilobytes: the way
    to hand over a secret.

    Its own session: Ctrl-C in a terminal reaches the launcher only, which stops
    things in order.  To be called from the main thread, since the kernel sends
    ``death_signal`` when the thread that forked ends.
    """
    variables = [f"{name}={value}" for name, value in command.variables.items()]
    identity = unprivileged_identity() if command.refuses_root else "own"
    with log.open("ab") as output, _pipe_with(given) as line:
        return subprocess.Popen(
            [*_trampoline(command.death_signal, identity), *variables, "--", *command.argv],
            stdin=line,
            stdout=output,
            stderr=output,
            env=None if command.inherits else {},
            start_new_session=True,
        )


@cache
def unprivileged_identity() -> str:
    """How a program that refuses root can be run by this user here: see `trampoline`."""
    if os.geteuid() != 0:
        return "own"
    trial = subprocess.run(
        [*_trampoline(signal.SIGKILL, "namespace"), "--", "/bin/true"], capture_output=True, check=False
    )
    return "namespace" if trial.returncode == 0 else "nobody"


async def exit_of(process: subprocess.Popen[bytes]) -> int:
    """Wait for the process to end; returns its status, negative for the signal that ended it."""
    if (status := process.poll()) is not None:
        return status
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    descriptor = os.pidfd_open(process.pid)
    loop.add_reader(descriptor, ended.set)
    try:
        await ended.wait()
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)
    return process.wait()


async def stop(process: subprocess.Popen[bytes], stop_signal: signal.Signals, *, seconds: float) -> None:
    """Ask the process to end, and kill it if it has not after ``seconds``, with whatever it left in its session."""
    process.send_signal(stop_signal)
    try:
        async with asyncio.timeout(seconds):
            await exit_of(process)
    except TimeoutError:
        pass
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await exit_of(process)


def outcome(status: int) -> str:
    """How a process ended, as a clause."""
    if status >= 0:
        return f"ended with status {status}"
    return f"was ended by {signal.Signals(-status).name}"


def last_line(log: Path) -> str:
    """What a program wrote last: most often why it ended."""
    return (last_lines(log, 1) or ["it wrote nothing"])[0]


def last_lines(log: Path, count: int) -> list[str]:
    """The last lines of a log that are not empty, oldest first."""
    with log.open("rb") as written:
        written.seek(-min(log.stat().st_size, 4_000), os.SEEK_END)
        lines = [line.strip() for line in written.read().decode(errors="replace").splitlines() if line.strip()]
    return lines[-count:]


def _pipe_with(text: str) -> BinaryIO:
    reads, writes = os.pipe()
    os.write(writes, f"{text}\n".encode() if text else b"")
    os.close(writes)
    return os.fdopen(reads, "rb")


def _trampoline(death_signal: signal.Signals, identity: str) -> list[str]:
    return [sys.executable, "-I", "-S", str(TRAMPOLINE), str(os.getpid()), str(int(death_signal)), identity]
