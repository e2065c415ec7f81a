"""A platform for commands to find, set up in a database of its own."""

import asyncio

import pytest

from adapters.composition import prepare
from adapters.settings import Settings
from tests.api.cli.command_line import CommandLine


@pytest.fixture
def settings(database, nats_url, redis_url, tmp_path) -> Settings:
    """The settings of the platform that `command_line` asks."""
    return Settings(
        data=str(tmp_path / "data"),
        postgres_url=database,
        nats_url=nats_url,
        redis_url=redis_url,
        master_key="5a" * 32,
    )


@pytest.fixture
def command_line(settings, tmp_path) -> CommandLine:
    """Runs commands against a platform that is set up and empty."""
    asyncio.run(prepare(settings))
    return CommandLine(settings, tmp_path)
