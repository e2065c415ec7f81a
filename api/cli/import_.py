"""``playhead import``: a platform's past, read from files."""

import asyncio
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import click
from msgspec.structs import replace

from adapters.composition import System
from api.cli.catching_up import ReadModelsStand, caught_up, heads
from api.cli.history_files import DAMAGED, HistoryFiles, RejectedLines
from api.cli.import_progress import ImportProgress, import_progress
from api.cli.import_summary import ImportSummary, summary_of
from api.cli.platform import ask
from api.cli.running import data_option
from api.cli.stopping import stop_signals
from application.history.importing import HistoryImport, StoppedAtBadLine
from application.ports import LogBusy, LogUnavailable

AGAIN = "run the same command again to go on: what is recorded already is not recorded twice"


@click.command("import", help="Import history files (JSON Lines, gzipped or not); - is standard input.")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@click.option(
    "--on-error",
    type=click.Choice(["stop", "skip"]),
    default="stop",
    show_default=True,
    help="At a bad line: stop before its batch, or set it aside in FILE.rejected.jsonl and go on.",
)
@click.option("--wait/--no-wait", default=True, help="Return when the read models know it all.  [default: --wait]")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
@data_option
def command(files: tuple[str, ...], on_error: str, wait: bool, as_json: bool, data: Path | None) -> None:  # noqa: FBT001 - click passes flags so
    """Import, sum up, and end with 0, 1 (stopped), 3 (lines were set aside) or 130 (interrupted)."""
    summary = ask(data, lambda system: import_files(system, files, skip=on_error == "skip", wait=wait))
    click.echo(summary.as_json() if as_json else summary.as_text())
    if reason := summary.stopped_at or summary.problem:
        click.echo(f"Error: {reason}", err=True)
    sys.exit(summary.exit_status)


async def import_files(system: System, paths: Sequence[str], *, skip: bool, wait: bool) -> ImportSummary:
    """Import all of the files, then wait for the read models if it went well."""
    with stop_signals() as stopping, closing(RejectedLines()) as rejected:
        files = HistoryFiles(paths, stopping)
        with import_progress(files.total) as progress:
            history = HistoryImport(
                system.logs,
                system.clock,
                actor_id="operator:import",
                set_aside=rejected.set_aside if skip else None,
                advanced=lambda: progress.advanced(history.tally.total, files.done),
                stopping=stopping,
            )
            began = time.perf_counter()
            ended = await _read(history, files)
            summary = summary_of(history.tally, time.perf_counter() - began, list(map(str, rejected.paths)))
            if stopping():
                return replace(summary, interrupted=True, problem=f"interrupted; {AGAIN}")
            if isinstance(ended, StoppedAtBadLine):
                return replace(summary, stopped_at=ended.bad)
            if ended is not None:
                return replace(summary, problem=f"{ended}; {AGAIN}")
            return await waited(system, summary, progress, stopping) if wait else summary


async def _read(history: HistoryImport, files: HistoryFiles) -> Exception | None:
    """Read all files; returns what ended it before its time."""
    name = ""
    try:
        async with history:
            for file in files:
                name = file.name
                await history.read(file.name, await asyncio.to_thread(file.lines))
    except DAMAGED as damage:
        return ValueError(f"{name} is damaged or cut off: {damage}")
    except (StoppedAtBadLine, LogBusy, LogUnavailable) as end:
        return end
    return None


async def waited(
    system: System, summary: ImportSummary, progress: ImportProgress, stopping: Callable[[], bool]
) -> ImportSummary:
    """The summary, once the live read models know what is in the logs now, or for what reason they do not."""
    upto, began = await heads(system), time.perf_counter()
    try:
        reached = await caught_up(system, upto, told=progress.waiting, stopping=stopping)
    except ReadModelsStand as stand:
        return replace(summary, caught_up=False, problem=str(stand))
    waited = replace(summary, caught_up=reached, waited_seconds=round(time.perf_counter() - began, 3))
    if reached:
        return waited
    return replace(waited, interrupted=True, problem="interrupted; the import is complete, the read models go on")
