"""``playhead demo``: an example platform to look around in."""

import sys
import time
from pathlib import Path

import click

from adapters.composition import System
from adapters.settings import Settings
from api.cli.import_ import waited
from api.cli.import_progress import import_progress
from api.cli.import_summary import ImportSummary, summary_of
from api.cli.platform import ask
from api.cli.running import data_option
from api.cli.stopping import stop_signals
from application.demo.loading import load_demo
from application.demo.words import GENRES
from application.demo.world import Viewer, World


@click.command(help="Fill the platform with an example: creators, videos, viewers and what they watched.")
@click.option("--seed", type=int, default=1, show_default=True, help="Another seed is another world.")
@click.option(
    "--scale",
    type=click.FloatRange(0.01, 50),
    default=1.0,
    show_default=True,
    help="How large; 1 is 40,000 views and likes.",
)
@click.option("--wait/--no-wait", default=True, help="Return when the read models know it all.  [default: --wait]")
@data_option
def command(seed: int, scale: float, wait: bool, data: Path | None) -> None:  # noqa: FBT001 - click passes flags so
    """Load the world (again, it appends nothing), and say what to ask next."""
    summary, told = ask(data, lambda system: _loaded(system, seed=seed, scale=scale, wait=wait))
    click.echo(summary.as_text())
    click.echo(told)
    if summary.problem:
        click.echo(f"Error: {summary.problem}", err=True)
    sys.exit(summary.exit_status)


async def _loaded(system: System, *, seed: int, scale: float, wait: bool) -> tuple[ImportSummary, str]:
    with import_progress(None) as progress:
        began = time.perf_counter()
        loaded = await load_demo(system.logs, system.clock, seed=seed, scale=scale, advanced=progress.advanced)
        summary = summary_of(loaded.tally, time.perf_counter() - began, [])
        if wait:
            with stop_signals() as stopping:
                summary = await waited(system, summary, progress, stopping)
    return summary, _what_next(loaded.world, system.settings)


def _what_next(world: World, settings: Settings) -> str:
    viewer = max(world.viewers, key=lambda each: each.activity)
    url = f"http://{settings.host}:{settings.port}/api/recommendations?user_id={viewer.record.id}&count=10"
    return "\n".join(
        (
            "",
            f"A viewer to ask about: {viewer.record.id} ({viewer.record.name}), who likes {_likes(viewer)}.",
            "",
            f"  KEY=$(./playhead api-key create --scope service --data {settings.data_directory})",
            f"  curl -H \"Authorization: Bearer $KEY\" '{url}'",
        )
    )


def _likes(viewer: Viewer) -> str:
    genres = {genre.name for genre in GENRES}
    liked = sorted((taste for taste in viewer.tastes if taste in genres), key=viewer.tastes.__getitem__, reverse=True)
    return " and ".join(liked)
