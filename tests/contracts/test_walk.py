"""The walk in CONTRIBUTING.md works: its code, put where it says into a copy of the repository, passes the checks."""

import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.source_tree import ROOT, files

STEP = re.compile(
    r"^(?:In `(?P<path>\S+)`, (?P<where>before|instead of) `(?P<anchor>[^`]+)`|New, `(?P<new>\S+)`):\n\n"
    r"```\w+\n(?P<code>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
NEW_TESTS = ("tests/domain/test_video_rating.py", "tests/api/test_video_rating.py", "tests/workers/test_ratings.py")
CONTRACTS = (
    "tests/contracts/test_events.py",
    "tests/contracts/test_recorded_events.py",
    "tests/contracts/test_generated_pages.py",
    "tests/domain/test_video.py",
)


@dataclass(frozen=True)
class Step:
    """What one caption and the block below it ask for."""

    path: str
    where: str
    anchor: str
    code: str

    def take(self, repository: Path) -> None:
        """Do it; the anchor has to be there, at the beginning of a line."""
        file = repository / self.path
        if self.where == "new":
            assert not file.exists(), f"{self.path} is there already"
            file.write_text(self.code)
            return
        text = file.read_text()
        at = text.find(f"\n{self.anchor}") + 1
        assert at, f"{self.path} has no line that begins with {self.anchor!r}"
        after = at if self.where == "before" else at + len(self.anchor)
        code = self.code if self.where == "before" else self.code.rstrip("\n")
        file.write_text(text[:at] + code + text[after:])


def steps() -> Sequence[Step]:
    """The steps of the walk, in their order."""
    text = (ROOT / "CONTRIBUTING.md").read_text()
    return [
        Step(found["new"] or found["path"], found["where"] or "new", found["anchor"] or "", found["code"])
        for found in STEP.finditer(text)
    ]


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of this one, with its environment."""
    copy = tmp_path_factory.mktemp("walk") / "playhead"
    for file in files():
        (copy / file.relative_to(ROOT)).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(file, copy / file.relative_to(ROOT))
    (copy / ".venv").symlink_to(Path(sys.prefix))
    return copy


def run(repository: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *arguments], cwd=repository, capture_output=True, text=True, check=False
    )


def types(repository: Path) -> subprocess.CompletedProcess[str]:
    checked = ["domain", "projections/videos.py", "application/catalog.py", "api/catalog.py", "adapters/composition.py"]
    return run(repository, "basedpyright", *checked)


def test_every_block_of_code_says_where_it_goes():
    blocks = re.findall(r"^```(?:python|json)$", (ROOT / "CONTRIBUTING.md").read_text(), re.MULTILINE)
    assert len(steps()) == len(blocks) > 10


@pytest.mark.slow
def test_the_walk_passes_the_checks(repository: Path):
    first, second, *further = steps()
    first.take(repository)
    second.take(repository)
    named = types(repository).stdout
    assert "domain/catalog/video.py" in named, "the type checker names what has to take the event in"
    assert "projections/videos.py" in named

    for step in further:
        step.take(repository)
    touched = sorted({step.path for step in steps() if step.path.endswith(".py")})
    run(repository, "ruff", "check", "--fix", "--quiet", *touched)
    run(repository, "ruff", "format", "--quiet", *touched)
    assert run(repository, "api.cli", "docs", "generate").returncode == 0
    for check in (types(repository), run(repository, "ruff", "check", *touched)):
        assert check.returncode == 0, check.stdout
    tested = run(repository, "pytest", "-q", "-x", "-m", "not slow", "-p", "no:cacheprovider", *NEW_TESTS, *CONTRACTS)
    assert tested.returncode == 0, tested.stdout[-5_000:]
