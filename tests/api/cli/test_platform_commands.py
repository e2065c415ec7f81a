"""The commands of whoever runs the platform: migrate, api-key, projections."""

import json
import re
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from adapters.composition import compose
from adapters.settings import Settings
from domain.identity.api_key import Scope
from tests.api.cli.command_line import CommandLine


def later() -> datetime:
    return datetime.now(UTC) + timedelta(days=31)  # noqa: TID251 - a moment that is surely past the key's end


async def bearer(settings: Settings, key: str, clock=None):
    async with compose(settings, **({"clock": clock} if clock else {})) as system:
        return await system.api_keys.bearer(key)


def test_a_database_is_set_up_once(settings, tmp_path):
    empty = CommandLine(settings, tmp_path)

    assert "applied 0001_logs.sql" in empty.run("migrate").stdout
    again = empty.run("migrate")
    assert (again.returncode, again.stdout) == (0, "the database is up to date\n")


def test_a_database_that_was_not_set_up_is_told_apart_from_one_that_is_away(settings, tmp_path):
    empty = CommandLine(settings, tmp_path)

    not_set_up = empty.run("projections", "list")
    assert (not_set_up.returncode, not_set_up.stdout) == (1, "")
    assert "./playhead migrate" in not_set_up.stderr

    away = empty.run("migrate", PLAYHEAD_POSTGRES_URL="postgresql://playhead:swordfish@127.0.0.1:1/playhead")
    assert away.returncode == 1
    assert "PostgreSQL at 127.0.0.1:1 cannot be reached" in away.stderr
    assert "swordfish" not in away.stderr


def test_without_a_platform_the_fix_is_named(command_line):
    ran = command_line.run("projections", "status", PLAYHEAD_POSTGRES_URL="")

    assert ran.returncode == 1
    assert "./playhead up --data" in ran.stderr
    assert len(ran.stderr.splitlines()) == 1


@pytest.mark.parametrize("missing", ["PLAYHEAD_MASTER_KEY", "PLAYHEAD_NATS_URL"])
def test_a_setting_that_is_missing_is_named(command_line, missing):
    ran = command_line.run("api-key", "create", "--scope", "service", **{missing: ""})

    assert (ran.returncode, ran.stdout) == (1, "")
    assert missing in ran.stderr
    assert len(ran.stderr.splitlines()) == 1


@pytest.mark.anyio
async def test_the_key_and_nothing_else_is_printed(command_line, settings):
    ran = command_line.run("api-key", "create", "--scope", "service", "--expires", "30d")

    assert re.fullmatch(r"ph_[0-9a-f]{32}_[a-z2-7]{52}\n", ran.stdout)
    key = ran.stdout.strip()
    found = await bearer(settings, key)
    assert found is not None
    assert found[1].scope is Scope.SERVICE
    assert await bearer(settings, key, later) is None


@pytest.mark.anyio
async def test_a_user_key_acts_for_that_user(command_line, settings):
    user = uuid4()
    ran = command_line.run("api-key", "create", "--scope", "user", "--user", str(user))

    found = await bearer(settings, ran.stdout.strip())
    assert found is not None
    assert found[1].user_id == user
    assert command_line.run("api-key", "create", "--scope", "user").returncode == 1
    assert command_line.run("api-key", "create", "--scope", "admin", "--user", str(user)).returncode == 1


@pytest.mark.anyio
async def test_a_revoked_key_opens_nothing(command_line, settings):
    key = command_line.run("api-key", "create", "--scope", "admin").stdout.strip()
    key_id = str(UUID(hex=key.split("_")[1]))

    assert command_line.run("api-key", "revoke", key_id).returncode == 0
    assert command_line.run("api-key", "revoke", key_id).returncode == 0
    assert await bearer(settings, key) is None
    assert command_line.run("api-key", "revoke", str(uuid4())).returncode == 1


@pytest.mark.parametrize("lifetime", ["30", "-1d", "99999w"])
def test_a_lifetime_that_makes_no_sense_is_a_mistake_of_use(command_line, lifetime):
    ran = command_line.run("api-key", "create", "--scope", "admin", f"--expires={lifetime}")

    assert (ran.returncode, ran.stdout) == (2, "")


def test_read_models_are_listed_with_their_lag(command_line):
    command_line.run("api-key", "create", "--scope", "admin")

    heading, *rows = command_line.run("projections", "list").stdout.splitlines()
    assert heading.split() == ["NAME", "VERSION", "STATE", "LOGS"]
    assert ["videos", "1", "live", "catalog"] in [row.split() for row in rows]

    standings = json.loads(command_line.run("projections", "status", "videos", "--json").stdout)
    assert [(it["name"], it["log"], it["position"], it["head"], it["lag"]) for it in standings] == [
        ("videos", "catalog", 0, 0, 0)
    ]
    assert "there is no read model vidoes" in command_line.run("projections", "status", "vidoes").stderr
