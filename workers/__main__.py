"""``python -m workers NAME…``: follow the logs for the named projections until told to stop.

``projections`` stands for all that are kept in PostgreSQL, ``recommendations``
for the recommender, ``reactors`` for all that act on what has happened; a single
one can be named too, so that each may have a process of its own.
"""

import asyncio
import gc
import signal
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from pathlib import Path
from typing import Any

import click
import structlog

from adapters.composition import TABLES, System, compose
from adapters.logs import configure_logs
from adapters.settings import Settings, SettingsInvalid, load_settings
from workers.erasures import finish_erasures
from workers.follow import follow
from workers.health import Health, start
from workers.housekeeping import keep_house
from workers.mails import keep_mails
from workers.projector import Projector

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

PROJECTIONS = "projections"
RECOMMENDATIONS = "recommendations"
REACTORS: Mapping[str, Callable[[System], Coroutine[Any, Any, None]]] = {
    "mails": keep_mails,
    "erasures": finish_erasures,
    "housekeeping": keep_house,
}
"""What is done whenever something has happened, or has had its time; ``reactors`` stands for all of them."""

NAMES = (PROJECTIONS, RECOMMENDATIONS, "reactors", *REACTORS, *(projection.name for projection, _ in TABLES))


@click.command(help="Follow the logs for these projections.")
@click.argument("names", nargs=-1, required=True, type=click.Choice(NAMES))
@click.option("--data", type=click.Path(path_type=Path), help="The data directory of the platform.")
def work(names: tuple[str, ...], data: Path | None) -> None:
    """Run until SIGTERM or SIGINT; a batch that has begun is finished or rolled back."""
    try:
        settings = load_settings(data=data)
        configure_logs(settings.log_level)
        asyncio.run(_run(names, settings))
    except SettingsInvalid as wrong:
        raise click.ClickException(str(wrong)) from wrong


async def _run(names: Sequence[str], settings: Settings) -> None:
    async with (
        compose(settings, process=names[0] if len(names) == 1 else "workers") as system,
        await _watched_over(system),
    ):
        followers = [asyncio.create_task(each) for each in await _followers(names, system)]
        _spare_the_garbage_collector()
        log.info("worker_started", names=names)
        await _told_to_stop(followers)
        system.readiness.stop()
        for follower in followers:
            follower.cancel()
        await asyncio.gather(*followers, return_exceptions=True)
    log.info("worker_stopped", names=names)


async def _watched_over(system: System) -> AbstractAsyncContextManager[object]:
    host, port = system.settings.host, system.settings.metrics_port
    try:
        return await start(Health(system.readiness), host, port) if port else nullcontext()
    except OSError as taken:
        raise click.ClickException(f"cannot listen on {host}:{port}: {taken.strerror}") from taken


async def _followers(names: Sequence[str], system: System) -> Sequence[Coroutine[Any, Any, None]]:
    followers: list[Coroutine[Any, Any, None]] = []
    for projection, table in TABLES:
        if projection.name in names or PROJECTIONS in names:
            for name in projection.logs:
                projector = Projector(projection, table(system.pool), system.logs[name], tracing=system.tracing)
                followers.append(follow(projector, await system.doorbell.listen(name)))
    if RECOMMENDATIONS in names:
        # It alone needs numpy and river, a second of imports and a hundred megabytes.
        from workers.recommendations import recommend  # noqa: PLC0415 # see above

        followers.append(recommend(system))
    followers.extend(react(system) for name, react in REACTORS.items() if name in names or "reactors" in names)
    return followers


async def _told_to_stop(followers: Sequence[asyncio.Task[None]]) -> None:
    """Wait for a signal; a follower that ends by itself has failed, and the process with it."""
    stop = asyncio.Event()
    for sent in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sent, stop.set)
    stopping = asyncio.create_task(stop.wait())
    done, _ = await asyncio.wait([stopping, *followers], return_when=asyncio.FIRST_COMPLETED)
    for ended in done - {stopping}:
        ended.result()


def _spare_the_garbage_collector() -> None:
    """Facts come by the thousand and hold no cycles: looking for some is seldom worth it."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


if __name__ == "__main__":
    work(prog_name="python -m workers")
