"""How an import is going: a bar on a terminal, a line now and then elsewhere; always on standard error."""

import sys
import time
from collections.abc import Sequence
from typing import Protocol, Self

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from api.cli.catching_up import Behind

LINE_SECONDS = 2.0
"""How often a line is written where there is no terminal."""

SHORTEST_RATE_SECONDS = 0.05


class ImportProgress(Protocol):
    """What is told while an import runs."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...

    def advanced(self, records: int, done: int) -> None:
        """``records`` have been read, and ``done`` of the total (in bytes or records)."""
        ...

    def waiting(self, behind: Sequence[Behind]) -> None:
        """Read models take it in; these are behind."""
        ...


def import_progress(total: int | None) -> ImportProgress:
    """A bar if standard error is a terminal, lines else; ``total`` None is unknown."""
    return _Bar(total) if sys.stderr.isatty() else _Lines(total)


class _Bar:
    def __init__(self, total: int | None) -> None:
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("{task.fields[told]}"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self._reading = self._progress.add_task("importing", total=total, told="")
        self._projecting = self._progress.add_task("read models", total=None, visible=False, told="")
        self._most_missing = 0
        self._began = time.monotonic()

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def advanced(self, records: int, done: int) -> None:
        told = f"{records:,} records, {_rate(records, self._began):,.0f}/s"
        self._progress.update(self._reading, completed=done, told=told)

    def waiting(self, behind: Sequence[Behind]) -> None:
        missing = sum(each.lag for each in behind)
        self._most_missing = max(self._most_missing, missing)
        self._progress.update(
            self._projecting,
            visible=True,
            completed=self._most_missing - missing,
            total=self._most_missing,
            told=", ".join(map(str, behind)),
        )


class _Lines:
    def __init__(self, total: int | None) -> None:
        self._total = total
        self._began = self._told = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def advanced(self, records: int, done: int) -> None:
        if not self._due():
            return
        line = f"{records:,} records, {_rate(records, self._began):,.0f}/s"
        if self._total and done:
            left = (time.monotonic() - self._began) * (self._total - done) / done
            line += f", {done / self._total:.0%}, {left:.0f} s left"
        click.echo(line, err=True)

    def waiting(self, behind: Sequence[Behind]) -> None:
        if self._due():
            click.echo(f"read models behind: {', '.join(map(str, behind))}", err=True)

    def _due(self) -> bool:
        now = time.monotonic()
        if now - self._told < LINE_SECONDS:
            return False
        self._told = now
        return True


def _rate(records: int, began: float) -> float:
    return records / max(time.monotonic() - began, SHORTEST_RATE_SECONDS)
