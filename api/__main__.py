"""``python -m api``: answer HTTP until told to stop."""

import asyncio
import gc
import signal
import socket
from pathlib import Path

import click
import structlog
import uvloop
from litestar import Litestar
from msgspec.structs import replace

from adapters.composition import compose
from adapters.logs import configure_logs
from adapters.settings import Settings, SettingsInvalid, load_settings
from api.app import create_app
from api.serving import server_of
from api.watched import PortTaken, watched

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

BACKLOG = 2048


@click.command(help="Answer HTTP.")
@click.option("--data", type=click.Path(path_type=Path), help="The data directory of the platform.")
@click.option("--port", type=click.IntRange(0, 65535), help="Where to listen; 0 takes a free port.")
def serve(data: Path | None, port: int | None) -> None:
    """Run until SIGTERM or SIGINT; requests under way are answered first."""
    try:
        settings = load_settings(data=data)
    except SettingsInvalid as invalid:
        raise click.ClickException(str(invalid)) from invalid
    settings = settings if port is None else replace(settings, port=port)
    configure_logs(settings.log_level)
    uvloop.run(_serve(settings))


async def _serve(settings: Settings) -> None:
    with _listening(settings) as listener:
        try:
            async with compose(settings, process="api") as system:
                app = create_app(system)
                _spare_the_garbage_collector()
                await _answer(app, listener)
        except (SettingsInvalid, PortTaken) as invalid:
            raise click.ClickException(str(invalid)) from invalid
    log.info("api_stopped")


def _spare_the_garbage_collector() -> None:
    """What stands now stands for good: to look through it again and again doubles how long the slowest calls take."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def _listening(settings: Settings) -> socket.socket:
    try:
        return socket.create_server((settings.host, settings.port), backlog=BACKLOG)
    except OSError as taken:
        raise click.ClickException(f"cannot listen on {settings.host}:{settings.port}: {taken.strerror}") from taken


async def _answer(app: Litestar, listener: socket.socket) -> None:
    # uvicorn repeats the signal that stopped it, to the process: there is still something to put away.
    for sent in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sent, lambda: None)
    host, port = listener.getsockname()[:2]
    log.info("api_started", host=host, port=port)
    async with watched(app):
        await server_of(app).serve(sockets=[listener])


if __name__ == "__main__":
    serve(prog_name="python -m api")
