"""What a reader that follows a log misses while six processes append to it.

A sequence hands out numbers before they are committed, so a reader that has
seen 42 never looks for 41, which commits later.  The library's default takes a
table lock against that; its ``POSTGRES_ENABLE_DB_FUNCTIONS=y`` leaves it out.
"""

import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from typing import Any

import click
import msgspec
import psycopg
from psycopg.sql import SQL, Identifier

from tests.bench.appenders import LOG, Library, OurLog, in_threads, library_recorder
from tests.bench.harness import tell

WRITERS = 6
CALLERS = 4
"""In each writer process."""

SECTION = 500
SECONDS = 5.0
TAIL = "SELECT notification_id FROM {} WHERE notification_id > %s ORDER BY notification_id LIMIT %s"

Writer = Callable[[str, float], None]


class Loss(msgspec.Struct, frozen=True):
    """What was committed, and what the reader never saw of it."""

    writer: str
    committed: int
    missed: int


def our_writer(url: str, seconds: float) -> None:
    """Append through the group commit; runs in a process of its own."""
    with closing(OurLog(url)) as log:
        log.callers(CALLERS)(seconds)


def default_writer(url: str, seconds: float) -> None:
    """Append through the library as it comes; runs in a process of its own."""
    _insert(url, seconds, db_functions=False)


def functions_writer(url: str, seconds: float) -> None:
    """Append through the library with its database functions on; runs in a process of its own."""
    _insert(url, seconds, db_functions=True)


def _insert(url: str, seconds: float, *, db_functions: bool) -> None:
    library = Library(url)
    with closing(library.datastore(CALLERS, db_functions=db_functions)) as datastore:
        recorder = library_recorder(datastore, create=False)
        in_threads(CALLERS, lambda: recorder.insert_events([library.stored()]), seconds)


CASES: Mapping[str, tuple[Writer, tuple[str, ...]]] = {
    "ours": (our_writer, ("log", f"{LOG}_events")),
    "library, default": (default_writer, ("library_events",)),
    "library, POSTGRES_ENABLE_DB_FUNCTIONS=y": (functions_writer, ("library_events",)),
}
"""Who writes, and the table that is read."""


def measure_loss(url: str, *, as_json: bool) -> None:
    """Let each writer write with the reader behind it, and print what was missed."""
    OurLog(url).close()  # makes our tables
    with closing(Library(url).datastore(1)) as datastore:
        library_recorder(datastore)
    losses = [_lost(url, name, *case) for name, case in CASES.items()]
    if as_json:
        json.dump(
            {"title": "Loss", "writers": WRITERS, "rows": [msgspec.to_builtins(loss) for loss in losses]}, sys.stdout
        )
        click.echo()
        return
    width = max(map(len, CASES))
    click.echo(
        f"\nOne reader follows by id while {WRITERS} processes append, {CALLERS} callers each, for {SECONDS:g} s\n"
    )
    click.echo(f"{'':{width}}  {'committed':>10}  {'missed':>8}")
    for loss in losses:
        click.echo(f"{loss.writer:{width}}  {loss.committed:>10,}  {loss.missed:>8,}")
    click.echo("\nMissed: committed, and never returned by WHERE notification_id > the last one seen.")


def _lost(url: str, name: str, writer: Writer, table: tuple[str, ...]) -> Loss:
    tell(f"{name}: {WRITERS} processes write")
    spawning = get_context("spawn")
    with psycopg.connect(url, autocommit=True) as connection:
        processes = [spawning.Process(target=writer, args=(url, SECONDS)) for _ in range(WRITERS)]
        before, last = _standing(connection, table)
        for process in processes:
            process.start()
        seen = _followed(connection, table, last, processes)
        for process in processes:
            process.join()
        if any(process.exitcode for process in processes):
            raise click.ClickException(f"a writer failed: {name}")
        after, _ = _standing(connection, table)
    return Loss(name, after - before, after - before - seen)


def _followed(
    connection: psycopg.Connection[Any], table: tuple[str, ...], last: int, writers: Sequence[BaseProcess]
) -> int:
    """How many rows are seen until the writers have ended and there is nothing more."""
    tail, seen = SQL(TAIL).format(Identifier(*table)), 0
    while True:
        writing = any(process.is_alive() for process in writers)
        rows = connection.execute(tail, (last, SECTION)).fetchall()
        if rows:
            seen, last = seen + len(rows), rows[-1][0]
        elif not writing:
            return seen
        else:
            time.sleep(0.001)


def _standing(connection: psycopg.Connection[Any], table: tuple[str, ...]) -> tuple[int, int]:
    counted = SQL("SELECT count(*), coalesce(max(notification_id), 0) FROM {}").format(Identifier(*table))
    [(rows, last)] = connection.execute(counted).fetchall()
    return rows, last
