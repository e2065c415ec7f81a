"""Imports of history: repeated, killed, interrupted, fed with bad lines."""

import asyncio
import gzip
import json
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest
from msgspec.structs import replace

from adapters.composition import compose, prepare
from adapters.postgres.log_tables import log_tables
from adapters.settings import Settings
from api.cli.catching_up import ReadModelsStand, caught_up, heads
from api.cli.platform import operator
from application.catalog import VideoDetails
from application.identity.users import UserAttributes
from tests.api.cli.command_line import CommandLine
from tests.support.databases import empty_database
from tests.support.history import BEGAN, history
from tests.support.waiting import until_now

LOGS = ("identity", "catalog", "engagement")
SECONDS = 30


async def recorded(settings: Settings) -> dict[str, list]:
    """All facts, opened, but for the moment they were recorded at."""
    async with compose(settings) as system:
        return {
            name: [replace(fact, recorded_at=BEGAN) for fact in await log.read(after=0, limit=1_000_000)]
            for name, log in system.logs.items()
        }


def head(settings: Settings, log: str = "engagement") -> int:
    with psycopg.connect(settings.postgres_url) as connection:
        [(position,)] = connection.execute(log_tables(log).head).fetchall()
    return position


def summary(ran) -> dict:
    assert ran.stdout, ran.stderr
    return json.loads(ran.stdout)


@pytest.fixture
def other(postgres_url, settings) -> Iterator[Settings]:
    """A second platform, to compare with."""
    with empty_database(postgres_url) as url:
        asyncio.run(prepare(again := replace(settings, postgres_url=url)))
        yield again


def test_a_second_import_appends_nothing(command_line, tmp_path):
    (tmp_path / "past.jsonl").write_bytes(b"\n".join(history()))

    first = summary(command_line.run("import", "--no-wait", "--json", "past.jsonl"))
    again = summary(command_line.run("import", "--no-wait", "--json", "past.jsonl"))

    assert first["records"] == again["records"] == {"user": 3, "video": 5, "interaction": 40}
    assert (first["appended"], first["duplicates"]) == (53, 0)
    assert (again["appended"], again["duplicates"]) == (0, 53)


@pytest.mark.anyio
async def test_compressed_split_and_piped_in_it_is_the_same_history(command_line, settings, other, tmp_path):
    lines = history(views=30)
    (tmp_path / "all.jsonl").write_bytes(b"\xef\xbb\xbf" + b"\r\n\r\n".join(lines))
    (tmp_path / "first.gz").write_bytes(gzip.compress(b"\n".join(lines[:10])))
    (tmp_path / "middle.jsonl").write_bytes(b"\n".join(lines[10:20]))

    assert command_line.run("import", "--no-wait", "all.jsonl").returncode == 0
    parts = CommandLine(other, tmp_path)
    ran = parts.run("import", "--no-wait", "first.gz", "middle.jsonl", "-", stdin=gzip.compress(b"\n".join(lines[20:])))

    assert ran.returncode == 0, ran.stderr
    assert await recorded(settings) == await recorded(other)


@pytest.mark.anyio
async def test_killed_half_way_and_run_again_it_leaves_what_one_run_leaves(command_line, settings, other, tmp_path):
    (tmp_path / "past.jsonl").write_bytes(b"\n".join(history(users=500, videos=300, views=20_000)))

    with command_line.start("import", "--no-wait", "past.jsonl") as killed:
        until_now(lambda: head(settings) > 0)
        killed.kill()
    assert 0 < head(settings) < 20_000
    second = summary(command_line.run("import", "--no-wait", "--json", "past.jsonl"))
    CommandLine(other, tmp_path).run("import", "--no-wait", "past.jsonl")

    assert second["duplicates"] > 0
    assert second["appended"] > 0
    assert await recorded(settings) == await recorded(other)


def test_interrupted_it_ends_with_what_it_began_and_says_how_to_go_on(command_line, settings):
    lines = b"".join(line + b"\n" for line in history(views=9_000))

    with command_line.start("import", "--json", "-") as interrupted:
        assert interrupted.stdin
        interrupted.stdin.write(lines)
        interrupted.stdin.flush()
        until_now(lambda: head(settings) > 1_000)
        interrupted.send_signal(signal.SIGINT)
        assert interrupted.wait(SECONDS) == 130
        assert interrupted.stdout
        assert interrupted.stderr
        told = json.loads(interrupted.stdout.read())
        assert b"run the same command again" in interrupted.stderr.read()

    assert told["interrupted"]
    assert told["appended"] + told["duplicates"] == sum(head(settings, log) for log in LOGS)
    assert sum(told["records"].values()) % 2_000 == 0


def test_it_can_be_stopped_while_nothing_comes(command_line):
    with command_line.start("import", "-") as waiting:
        until_now(lambda: catches(waiting.pid, signal.SIGTERM))
        waiting.send_signal(signal.SIGTERM)
        assert waiting.wait(SECONDS) == 130


def catches(pid: int, wanted: signal.Signals) -> bool:
    """Whether the process has a handler for a signal: Python has none for SIGTERM until it is asked to."""
    [caught] = re.findall(r"^SigCgt:\s*([0-9a-f]+)$", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    return bool(int(caught, 16) >> (wanted - 1) & 1)


def test_a_bad_line_stops_the_import_before_its_batch(command_line, settings, tmp_path):
    good = history(users=1, videos=1, views=3_000)
    bad = good[2_500].replace(b'"kind"', b'"knid"')
    (tmp_path / "past.jsonl").write_bytes(b"\n".join([*good[:2_500], bad, *good[2_500:]]))

    ran = command_line.run("import", "--json", "past.jsonl")

    assert ran.returncode == 1
    assert "past.jsonl:2501: knid: there is no such field" in ran.stderr
    told = summary(ran)
    assert told["stopped_at"] == {
        "file": "past.jsonl",
        "line": 2_501,
        "field": "knid",
        "reason": "there is no such field",
    }
    assert sum(told["records"].values()) == 2_000
    assert head(settings) == 1_998
    assert not list(tmp_path.glob("*.rejected.jsonl"))


def test_bad_lines_are_set_aside_as_they_are_and_the_rest_is_imported(command_line, settings, tmp_path):
    good = history(users=1, videos=2, views=10)
    bad = [b'{"type": "user"}', b"{\xff}", b'{"type": "video", "id": 7}', b"x" * 1_000_002]
    (tmp_path / "past.jsonl").write_bytes(b"\n".join([good[0], *bad, *good[1:]]))

    ran = command_line.run("import", "--no-wait", "--json", "--on-error", "skip", "past.jsonl")

    assert ran.returncode == 3
    told = summary(ran)
    assert (told["rejected"], told["rejected_files"]) == (4, ["past.jsonl.rejected.jsonl"])
    assert [head(settings, log) for log in LOGS] == [1, 4, 10]
    kept = [json.loads(line) for line in (tmp_path / "past.jsonl.rejected.jsonl").read_bytes().splitlines()]
    assert [(it["line"], it.get("field"), it.get("text"), it.get("cut", False)) for it in kept] == [
        (2, "id", '{"type": "user"}', False),
        (3, None, None, False),
        (4, "id", '{"type": "video", "id": 7}', False),
        (5, None, "x" * 1_000_000, True),
    ]


def test_bad_lines_of_a_pipe_are_set_aside_in_the_current_directory(command_line, tmp_path):
    ran = command_line.run("import", "--no-wait", "--on-error", "skip", "-", stdin=b"nonsense")

    assert ran.returncode == 3
    assert json.loads((tmp_path / "stdin.rejected.jsonl").read_bytes())["text"] == "nonsense"


def test_a_damaged_file_is_told_from_a_whole_one(command_line, tmp_path):
    (tmp_path / "cut.gz").write_bytes(gzip.compress(b"\n".join(history(views=5_000)))[:-2_000])

    ran = command_line.run("import", "--no-wait", "cut.gz")

    assert ran.returncode == 1
    assert "cut.gz is damaged or cut off" in ran.stderr


def test_a_file_that_is_not_there_is_a_mistake_of_use_and_nothing_is_imported(command_line, settings, tmp_path):
    (tmp_path / "past.jsonl").write_bytes(b"\n".join(history()))

    assert command_line.run("import", "past.jsonl", "future.jsonl").returncode == 2
    assert head(settings) == 0


def test_what_came_by_the_api_first_stays_as_it_is(command_line, settings, tmp_path):
    lines = history(users=1, videos=1, views=0)
    (tmp_path / "past.jsonl").write_bytes(b"\n".join(lines))
    asyncio.run(_register_and_draft(settings, [json.loads(line)["id"] for line in lines]))

    told = summary(command_line.run("import", "--no-wait", "--json", "past.jsonl"))

    assert (told["appended"], told["duplicates"]) == (1, 2)  # the draft was not published yet
    assert [head(settings, log) for log in LOGS] == [1, 2, 0]


async def _register_and_draft(settings: Settings, ids: list[str]) -> None:
    async with compose(settings) as system:
        by = operator("test", uuid4())
        await system.identity.register_user(UUID(ids[0]), UserAttributes(name="Ann"), by)
        await system.catalog.draft_video(UUID(ids[1]), uuid4(), VideoDetails(title="Mine"), by)


def test_waiting_ends_when_the_read_models_know_it_all(command_line, tmp_path):
    (tmp_path / "past.jsonl").write_bytes(b"\n".join(history()))

    with command_line.start("worker", "projections", "recommendations") as worker:
        told = summary(command_line.run("import", "--json", "past.jsonl"))
        standings = json.loads(command_line.run("projections", "status", "--json").stdout)
        worker.terminate()

    assert told["caught_up"]
    assert {it["name"] for it in standings} >= {"videos", "recommendations"}
    assert {it["lag"] for it in standings} == {0}


@pytest.mark.anyio
async def test_waiting_ends_when_no_read_model_moves(command_line, settings, tmp_path):
    (tmp_path / "past.jsonl").write_bytes(b"\n".join(history()))
    command_line.run("import", "--no-wait", "past.jsonl")

    async with compose(settings) as system:
        with pytest.raises(ReadModelsStand, match="videos by 10 of catalog"):
            await caught_up(system, await heads(system), told=lambda behind: None, stopping=lambda: False, patience=0.3)
