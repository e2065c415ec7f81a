"""Ctrl-C as a wish: a command is asked to stop where it can go on later."""

import asyncio
import signal
from collections.abc import Callable, Generator
from contextlib import contextmanager

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def stop_signals() -> Generator[Callable[[], bool]]:
    """Whether a signal asked to stop; a second one is not a wish any more, and does as signals do."""
    loop = asyncio.get_running_loop()
    stopping = asyncio.Event()

    def stop() -> None:
        stopping.set()
        restore()

    def restore() -> None:
        for each in SIGNALS:
            loop.remove_signal_handler(each)

    for each in SIGNALS:
        loop.add_signal_handler(each, stop)
    try:
        yield stopping.is_set
    finally:
        restore()
