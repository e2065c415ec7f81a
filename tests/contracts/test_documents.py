"""The documents say what is true, as far as a program can tell."""

import re
import tomllib
from pathlib import Path

import pytest

from adapters.settings import settings_reference
from api.cli.commands import COMMANDS
from tests.support.source_tree import ROOT, files

ADRS = sorted((ROOT / "docs/adr").glob("*.md"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())

ELSEWHERE = [
    r"(?<![\w.~}$/-])/(home|root|work|Users)/",  # somebody's machine
    r"\b(pypi\.org|pythonhosted\.org)\b",  # which index is asked is settled where it runs
    r"\b(index-url|PIP_INDEX_URL|UV_INDEX_URL|UV_DEFAULT_INDEX)\b",
]
MAY_NAME_THEM = {"uv.lock", "tests/contracts/test_documents.py"}

OF_COMPOSE = set(re.findall(r"\$\{(PLAYHEAD_\w+)", (ROOT / "compose.yaml").read_text()))
"""What the stack is told, and fills into settings."""

PARTS = ("## Context", "## Decision", "## Consequences", "## Alternatives", "## Checked by")


@pytest.mark.parametrize("adr", ADRS, ids=lambda adr: adr.stem)
def test_a_decision_is_recorded_whole(adr: Path):
    text = adr.read_text()
    assert re.match(rf"# {adr.stem[:4]} — \S", text)
    assert re.search(r"^\*\*Status\*\* \w+.* · \*\*Date\*\* \d{4}-\d\d-\d\d · \*\*Area\*\* \S", text, re.MULTILINE)
    assert [line for line in text.splitlines() if line.startswith("## ")] == list(PARTS)


@pytest.mark.parametrize("adr", ADRS, ids=lambda adr: adr.stem)
def test_a_decision_names_what_checks_it_and_that_is_there(adr: Path):
    checked_by = adr.read_text().rpartition("## Checked by")[2]
    paths = re.findall(r"`([\w./-]+/[\w./-]*|[\w-]+\.toml)`", checked_by)
    assert paths, "nothing checks it"
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_decisions_are_numbered_without_gaps():
    assert [int(adr.stem[:4]) for adr in ADRS] == list(range(1, len(ADRS) + 1))


def test_every_dependency_has_its_line_and_every_line_its_dependency():
    groups = PROJECT["dependency-groups"].values()
    asked_for = [*PROJECT["project"]["dependencies"], *(it for group in groups for it in group)]
    needed = {re.split(r"[^\w.-]", requirement, maxsplit=1)[0] for requirement in asked_for}
    described = re.findall(r"^\| `([\w.-]+)` \|", (ROOT / "docs/dependencies.md").read_text(), re.MULTILINE)
    assert sorted(described) == sorted(needed)


def test_no_file_knows_the_machine_it_was_written_on():
    found: list[str] = []
    for path in files():
        name = str(path.relative_to(ROOT))
        if name in MAY_NAME_THEM:
            continue
        text = path.read_text(errors="ignore")
        found += [f"{name}: {hit.group()}" for pattern in ELSEWHERE for hit in re.finditer(pattern, text)]
    assert found == []


def test_a_file_that_contributors_are_sent_to_is_there_and_holds_what_it_is_said_to():
    text = (ROOT / "CONTRIBUTING.md").read_text()
    made = set(re.findall(r"^New, `(\S+)`:$", text, re.MULTILINE))
    named = set(re.findall(r"`((?:\.?\w+/)+[\w.]+\.(?:py|css|yaml))`", text)) - made
    assert len(named) > 10
    assert [path for path in named if not (ROOT / path).exists()] == []
    for symbol, path in re.findall(r"`([A-Z]\w+)` in\s`([\w/]+\.py)`", text):
        assert re.search(rf"\b{symbol}\b", (ROOT / path).read_text()), f"{path} has no {symbol}"


LINKED = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "SECURITY.md",
    ROOT / "CHANGELOG.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]


@pytest.mark.parametrize("page", LINKED, ids=lambda page: str(page.relative_to(ROOT)))
def test_what_readers_are_told_to_type_and_to_set_is_there(page: Path):
    text = page.read_text()
    commands = set(re.findall(r"(?:\./|`)playhead ([a-z][a-z-]*)", text))
    assert commands <= COMMANDS.keys()
    variables = set(re.findall(r"\bPLAYHEAD_[A-Z_]+[A-Z]\b", text))
    secrets = {setting.name + "_FILE" for setting in settings_reference() if setting.secret}
    assert variables <= {setting.name for setting in settings_reference()} | secrets | OF_COMPOSE


@pytest.mark.parametrize("page", LINKED, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_link_leads_somewhere(page: Path):
    targets = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text())
    ours = [target for target in targets if not re.match(r"\w+:", target)]
    assert [target for target in ours if not (page.parent / target).exists()] == []
