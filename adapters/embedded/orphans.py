"""Processes by number, without mistaking one for another that has got the number since."""

import asyncio
import os
import signal
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

PATIENCE = 2.5
"""Seconds; the kernel told them to end when their launcher did."""


def boot() -> str:
    """Which run of the machine this is: numbers and births of another one mean nothing (random(4))."""
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def birth(pid: int) -> int:
    """When the process was started, in ticks since the machine was; 0 if there is none (proc_pid_stat(5), field 22)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return 0 if fields[0] == "Z" else int(fields[19])


async def see_off(processes: Iterable[Sequence[int]]) -> None:
    """Wait for what a dead launcher left behind to end, and kill what does not.

    ``processes`` are pairs of number and birth.
    """
    left = list(processes)
    deadline = asyncio.get_running_loop().time() + PATIENCE
    while alive := [pid for pid, born in left if birth(pid) == born != 0]:
        if asyncio.get_running_loop().time() > deadline:
            for pid in alive:
                with suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)
        await asyncio.sleep(0.02)
