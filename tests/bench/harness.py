"""How everything here is measured: contenders take turns, and medians of their turns are compared.

A machine is never idle and a disk never steady.  What runs in turns
(A B C A B C …) meets the same weather, so the ratios hold where the absolute
figures do not.
"""

import gc
import json
import os
import sys
import time
from array import array
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import click
import msgspec

from adapters.embedded.trial import trial_postgres

WARM_UP = 0.25
"""Seconds of each contender's first turn, which is not counted: it connects, prepares and fills caches."""

FSYNC_SECONDS = 0.5
PAGE = 8192


class Turn(msgspec.Struct, frozen=True):
    """What one contender did in one turn: ``count`` in ``seconds``, and how long each call took, in seconds."""

    count: int
    seconds: float
    latencies: "array[float]" = msgspec.field(default_factory=lambda: array("d"))


Contender = Callable[[float], Turn]
"""Works for about so many seconds."""


class Target(msgspec.Struct, frozen=True):
    """A claim: ``ours`` is at least ``ratio`` times as fast as ``theirs``."""

    ours: str
    theirs: str
    ratio: float


class Result(msgspec.Struct, frozen=True):
    """The turns of one contender; rates are per second, latencies in milliseconds."""

    name: str
    turns: Sequence[Turn]

    @property
    def rates(self) -> list[float]:
        """One for each turn."""
        return [turn.count / turn.seconds for turn in self.turns]

    @property
    def rate(self) -> float:
        """The median of the turns."""
        return median(self.rates)

    def percentile(self, percent: float) -> float | None:
        """The median over the turns of each one's percentile; None where calls were not timed."""
        each = [_percentile(turn.latencies, percent) for turn in self.turns if turn.latencies]
        return median(each) * 1000 if each else None


def timed(latencies: "array[float]", began: float) -> float:
    """Note the latency of a call that ``began`` then; returns the present moment."""
    now = time.perf_counter()
    latencies.append(now - began)
    return now


def take_turns(contenders: Mapping[str, Contender], *, rounds: int, seconds: float) -> dict[str, Result]:
    """Let each contender work for ``seconds`` in each of ``rounds`` rounds, after a warm-up round.

    The garbage collector is set for all of them as our own processes set it.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    turns: dict[str, list[Turn]] = {name: [] for name in contenders}
    for number in range(rounds + 1):
        for name, work in contenders.items():
            tell(f"{'warm-up' if number == 0 else f'round {number} of {rounds}'}: {name}")
            gc.collect()  # nobody pays for what another left lying about
            turn = work(seconds if number else WARM_UP)
            if number:
                turns[name].append(turn)
    return {name: Result(name, done) for name, done in turns.items()}


def tell(progress: str) -> None:
    """One line of progress, on standard error."""
    click.echo(progress, err=True)


@contextmanager
def bench_postgres() -> Generator[str]:
    """The URL of a PostgreSQL of its own in a temporary directory, as durable as the real one."""
    with TemporaryDirectory(prefix="playhead-bench-") as directory, trial_postgres(Path(directory)) as url:
        tell(f"PostgreSQL runs in {directory}")
        yield url


def fsyncs_per_second() -> float:
    """How often this disk can be made to remember one page: what a commit costs at least."""
    with TemporaryDirectory(prefix="playhead-bench-") as directory:
        descriptor = os.open(Path(directory) / "page", os.O_CREAT | os.O_WRONLY)
        try:
            count, began = 0, time.perf_counter()
            while (passed := time.perf_counter() - began) < FSYNC_SECONDS:
                os.pwrite(descriptor, os.urandom(PAGE), 0)
                os.fdatasync(descriptor)
                count += 1
            return count / passed
        finally:
            os.close(descriptor)


# --- what is printed --------------------------------------------------------------


def report(
    title: str,
    results: Mapping[str, Result],
    *,
    unit: str,
    reference: str,
    targets: Sequence[Target],
    notes: Sequence[str],
    as_json: bool,
) -> None:
    """Print the table, what it says about ratios, and whether the targets are met."""
    cores, fsyncs = os.cpu_count() or 0, fsyncs_per_second()
    rows = [_row(result, results[reference]) for result in results.values()]
    claims = [_claim(target, results) for target in targets]
    if as_json:
        written = {"title": title, "cores": cores, "fsyncs_per_second": round(fsyncs), "unit": unit}
        json.dump({**written, "reference": reference, "rows": rows, "targets": claims, "notes": notes}, sys.stdout)
        click.echo()
        return
    click.echo(f"\n{title}\n{cores} cores shared by all, {fsyncs:,.0f} fdatasync/s on this disk\n")
    click.echo(_table(rows, unit, reference))
    for claim in claims:
        verdict = "met" if claim["met"] else "MISSED"
        click.echo(
            f"  {claim['ours']}: {claim['ratio']:.1f} x {claim['theirs']} (target {claim['target']:g} x: {verdict})"
        )
    click.echo("\nRates depend on this machine at this moment; the ratios, from the same interleaved rounds, do not.")
    for note in notes:
        click.echo(f"* {note}")


def _row(result: Result, reference: Result) -> dict[str, Any]:
    return {
        "name": result.name,
        "rate": result.rate,
        "lowest": min(result.rates),
        "highest": max(result.rates),
        "ratio": result.rate / reference.rate,
        "p50_ms": result.percentile(50),
        "p99_ms": result.percentile(99),
    }


def _claim(target: Target, results: Mapping[str, Result]) -> dict[str, Any]:
    ratio = results[target.ours].rate / results[target.theirs].rate
    return {
        "ours": target.ours,
        "theirs": target.theirs,
        "ratio": ratio,
        "target": target.ratio,
        "met": ratio >= target.ratio,
    }


def _table(rows: Sequence[Mapping[str, Any]], unit: str, reference: str) -> str:
    width = max(len(row["name"]) for row in rows)
    heads = f"{'':{width}}  {unit:>12}  {'lowest .. highest':>21}  {'ratio':>8}  {'p50 ms':>8}  {'p99 ms':>8}\n"
    lines = [
        f"{row['name']:{width}}  {row['rate']:>12,.0f}  {row['lowest']:>9,.0f} .. {row['highest']:>8,.0f}"
        f"  {row['ratio']:>8.2f}  {_milliseconds(row['p50_ms'])}  {_milliseconds(row['p99_ms'])}\n"
        for row in rows
    ]
    return f"{heads}{''.join(lines)}ratio: to {reference}\n"


def _milliseconds(value: float | None) -> str:
    return f"{value:>8.2f}" if value is not None else f"{'-':>8}"


def _percentile(latencies: Sequence[float], percent: float) -> float:
    return sorted(latencies)[min(len(latencies) - 1, int(len(latencies) * percent / 100))]
