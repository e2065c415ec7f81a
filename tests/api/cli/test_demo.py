"""The example platform, loaded into real logs."""

import re
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from adapters.composition import compose
from application.demo.loading import load_demo
from application.demo.world import SPAN


def test_a_second_demo_appends_nothing_and_names_the_same_viewer(command_line):
    first = command_line.run("demo", "--scale", "0.05", "--no-wait")
    again = command_line.run("demo", "--scale", "0.05", "--no-wait")

    assert first.returncode == again.returncode == 0
    assert re.search(r"^duplicates +0 events", first.stdout, re.MULTILINE)
    assert re.search(r"^appended +0 events", again.stdout, re.MULTILINE)
    named = [re.search(r"user_id=([0-9a-f-]{36})&count=10", ran.stdout) for ran in (first, again)]
    assert named[0] is not None
    assert named[1] is not None
    assert UUID(named[0][1]) == UUID(named[1][1])
    assert "./playhead api-key create" in first.stdout


@pytest.mark.anyio
async def test_a_world_ends_when_it_was_loaded_first(command_line, settings):
    now = datetime(2026, 11, 1, 12, 30, tzinfo=UTC)

    async with compose(settings) as system:
        first = await load_demo(system.logs, lambda: now, seed=3, scale=0.02)
        later = await load_demo(system.logs, lambda: now + timedelta(days=40), seed=3, scale=0.02)
        facts = await system.logs["engagement"].read(after=0, limit=10_000)

    assert first.world.ends == later.world.ends == now
    assert first.tally.duplicates == later.tally.appended == 0
    assert later.tally.duplicates == first.tally.appended
    assert all(now - SPAN < fact.occurred_at <= now for fact in facts)
