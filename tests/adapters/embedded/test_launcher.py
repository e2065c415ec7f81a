"""The whole platform, with a stand-in for the API: it survives what happens to it."""

import json
import os
import signal
import socket
import stat

import click
import psycopg
import pytest

from api.cli.running import running_settings
from tests.adapters.embedded.running import DEADLINE, Running, processes_naming, running, until


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    """One directory for the module: each test is one more start on what the ones before left."""
    return tmp_path_factory.mktemp("platform") / "with a space"


def answers(url: str) -> bool:
    try:
        with psycopg.connect(url, connect_timeout=2) as connection:
            return connection.execute("SELECT 1").fetchone() == (1,)
    except psycopg.OperationalError:
        return False


def test_data_and_addresses_survive_a_restart(directory):
    with running(directory) as first:
        before = first.settings
        with psycopg.connect(before["PLAYHEAD_POSTGRES_URL"]) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
    with running(directory) as second:
        assert second.settings == before
        with psycopg.connect(before["PLAYHEAD_POSTGRES_URL"]) as connection:
            assert connection.execute("SELECT number FROM kept").fetchone() == (7,)


def test_what_the_example_says_last_is_told(directory):
    with running(directory) as platform:
        platform.until_said("now ask for it")
        assert "example" in platform.output


def test_only_the_owner_can_read_what_is_secret(directory):
    with running(directory) as platform:
        secrets = json.loads((directory / "secrets.json").read_bytes()).values()
        holders = {file for file in directory.iterdir() if file.is_file() and _holds_any(secrets, file.read_text())}
        holders |= {directory / "nats" / "nats.conf", directory / "valkey" / "valkey.conf"}
        assert {file.name for file in holders} == {"secrets.json", "endpoints.json", "nats.conf", "valkey.conf"}
        assert {stat.S_IMODE(file.stat().st_mode) for file in holders} == {0o600}
        assert stat.S_IMODE(directory.stat().st_mode) == 0o700
        shown = [platform.output, *processes_naming(directory), *(log.read_text() for log in directory.glob("logs/*"))]
        assert not any(_holds_any(secrets, text) for text in shown)


def _holds_any(secrets, text: str) -> bool:
    return any(secret in text for secret in secrets)


def test_the_files_of_the_database_belong_to_who_started_it_be_it_root(directory):
    with running(directory) as platform:
        assert answers(platform.settings["PLAYHEAD_POSTGRES_URL"])
        assert (directory / "postgres").stat().st_uid == os.geteuid()


def test_a_second_launcher_on_a_directory_is_refused(directory):
    with running(directory) as first:
        link = directory.with_name("a link to it")
        link.symlink_to(directory)
        second = Running(link)
        assert second.process.wait(DEADLINE) == 1
        assert second.output.startswith("Error: another launcher runs on")
        assert answers(first.settings["PLAYHEAD_POSTGRES_URL"])


def test_a_killed_launcher_leaves_nothing_behind_and_the_next_one_starts(directory):
    with running(directory) as first:
        before = first.settings
        with psycopg.connect(before["PLAYHEAD_POSTGRES_URL"]) as connection:
            connection.execute("CREATE TABLE survivor AS SELECT 1 AS number")
        first.process.kill()
        until(lambda: not processes_naming(directory), f"{processes_naming(directory)} to end", seconds=2)
    with running(directory) as second:
        assert second.settings == before
        with psycopg.connect(before["PLAYHEAD_POSTGRES_URL"]) as connection:
            assert connection.execute("SELECT number FROM survivor").fetchone() == (1,)


def test_what_a_dead_launcher_left_hanging_does_not_stop_the_next_one(directory):
    with running(directory) as first:
        os.kill(first.pids()["valkey"], signal.SIGSTOP)  # will not act on what the kernel tells it
        first.process.kill()
    with running(directory) as second:
        assert second.process.poll() is None


@pytest.mark.parametrize("name", ["postgres", "nats", "valkey", "api", "worker"])
def test_what_is_killed_comes_back_at_the_same_address(directory, name):
    with running(directory) as platform:
        platform.until_said(f"{name:<16}ready after")
        before, pid = platform.settings, platform.pids()[name]
        os.kill(pid, signal.SIGKILL)
        until(lambda: platform.pids().get(name, pid) != pid, f"{name} to be started again")
        platform.until_said(f"{name:<16}ready again after")
        assert f"{name:<16}was ended by SIGKILL; starts again in 0.1 s" in platform.output
        assert platform.settings == before
        assert answers(before["PLAYHEAD_POSTGRES_URL"])


@pytest.mark.parametrize("name", ["postgres", "valkey", "api", "worker"])
def test_what_stops_answering_is_started_again(directory, name):
    with running(directory) as platform:
        platform.until_said(f"{name:<16}ready after")
        os.kill(platform.pids()[name], signal.SIGSTOP)
        platform.until_said(f"{name:<16}gave no healthy answer")
        platform.until_said(f"{name:<16}ready again after")


def test_a_worker_that_says_that_it_hangs_is_started_again(directory):
    with running(directory) as platform:
        platform.until_said(f"{'worker':<16}ready after")
        pid = platform.pids()["worker"]
        (directory / "worker hangs").touch()
        platform.until_said(f"{'worker':<16}gave no healthy answer")
        until(lambda: platform.pids().get("worker", pid) != pid, "the worker to be started again")
        platform.until_said(f"{'worker':<16}ready again after")


def test_a_worker_is_asked_at_a_port_of_its_own_that_it_keeps(directory):
    with running(directory) as first:
        ports = first.endpoints()["health_ports"]
        assert ports.keys() == {"worker"}
        assert ports["worker"] != int(first.settings["PLAYHEAD_PORT"])
        assert "PLAYHEAD_METRICS_PORT" not in first.settings
    with running(directory) as second:
        assert second.endpoints()["health_ports"] == ports


def test_a_server_whose_address_is_given_is_not_run_here(directory, redis_url):
    with running(directory, PLAYHEAD_REDIS_URL=redis_url) as platform:
        assert platform.settings["PLAYHEAD_REDIS_URL"] == redis_url
        until(lambda: platform.pids().keys() == {"postgres", "nats", "api", "worker"}, "these to run, and no others")


def test_the_api_ends_before_its_database_does(directory):
    log = directory / "logs" / "api.log"
    with running(directory) as platform:
        seen = log.stat().st_size
        assert platform.stop() == 0
    assert log.read_text()[seen:] == "ended while the database was there\n"
    assert not (directory / "endpoints.json").exists()


def test_a_second_request_to_stop_kills_what_hangs(directory):
    with running(directory) as platform:
        os.kill(platform.pids()["api"], signal.SIGSTOP)
        platform.process.send_signal(signal.SIGINT)
        platform.until_said("stopping")
        platform.process.send_signal(signal.SIGINT)
        assert platform.process.wait(5) == 0
        until(lambda: not processes_naming(directory), "all to be gone", seconds=2)


def test_a_port_that_is_taken_is_refused_by_name(directory):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        platform = Running(directory, port)
        assert platform.process.wait(DEADLINE) == 1
    assert platform.output == f"Error: port {port} is taken: choose another one with --port\n"


def test_another_port_is_chosen_and_told_where_nobody_asked_for_the_taken_one(directory):
    with running(directory) as first:
        usual = int(first.settings["PLAYHEAD_PORT"])
    with socket.create_server(("127.0.0.1", usual)), running(directory) as second:
        assert f"port {usual} is taken, so it listens on {second.settings['PLAYHEAD_PORT']}" in second.output


def test_a_platform_that_is_down_is_not_mistaken_for_one_that_runs(directory):
    with running(directory) as platform:
        platform.process.kill()  # leaves its endpoints behind
    with pytest.raises(click.ClickException, match="no platform is running on"):
        running_settings(directory)
