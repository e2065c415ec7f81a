"""The script ``playhead``: which environment it makes when, and what it runs in it.

In a project of its own, with programs on PATH that say how they were called, so
that nothing is downloaded.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[3]
SYSTEM = "/usr/bin:/bin"

PYTHON = '#!/bin/sh\necho "python in $PWD with $PYTHONPATH:"; for argument; do echo "<$argument>"; done\n'
UV = """#!/bin/sh
echo "uv $*"
for name in python python3.11; do
    mkdir -p "$UV_PROJECT_ENVIRONMENT/bin"
    cp --remove-destination "{stand_in}" "$UV_PROJECT_ENVIRONMENT/bin/$name"
done
"""


@pytest.fixture
def project(tmp_path):
    """A checkout in a path with a space."""
    path = tmp_path / "a project"
    path.mkdir()
    for name in ("playhead", "pyproject.toml", "uv.lock"):
        shutil.copy(PROJECT / name, path)
    return path


@pytest.fixture
def tools(tmp_path):
    """A directory for PATH with uv and Python in it."""
    path = tmp_path / "tools"
    path.mkdir()
    stand_in = tmp_path / "stand-in"
    for file, text in ((stand_in, PYTHON), (path / "uv", UV.format(stand_in=stand_in))):
        file.write_text(text)
        file.chmod(0o755)
    (path / "python3.11").symlink_to(sys.executable)
    return path


def called(script: Path, *arguments: str, path: object, cwd: Path = Path("/")):
    return subprocess.run(
        [script, *arguments], cwd=cwd, env={"PATH": f"{path}:{SYSTEM}"}, capture_output=True, text=True, check=False
    )


def test_arguments_reach_the_command_line_as_they_were_given(project, tools):
    ran = called(project / "playhead", "import", "a file.csv", "", "--all", path=tools, cwd=tools)
    asked = ["-P", "-m", "api.cli", "import", "a file.csv", "", "--all"]
    assert ran.stdout.splitlines() == [f"python in {tools} with {project}:", *(f"<{each}>" for each in asked)]


def test_only_the_first_start_makes_the_environment(project, tools):
    first, second = (called(project / "playhead", path=tools) for _ in range(2))
    assert "uv sync --frozen" in first.stderr
    assert second.stderr == ""
    assert first.stdout == second.stdout


@pytest.mark.parametrize("name", ["pyproject.toml", "uv.lock"])
def test_other_dependencies_make_it_anew(project, tools, name):
    called(project / "playhead", path=tools)
    with (project / name).open("a") as file:
        file.write("# changed\n")
    assert "uv sync" in called(project / "playhead", path=tools).stderr


def test_an_environment_whose_python_has_gone_is_made_anew(project, tools):
    called(project / "playhead", path=tools)
    (project / ".venv" / "bin" / "python3.11").unlink()
    (project / ".venv" / "bin" / "python3.11").symlink_to("/nowhere/python3.11")
    assert "uv sync" in called(project / "playhead", path=tools).stderr


def test_an_environment_that_could_not_be_made_is_tried_again(project, tools):
    working = (tools / "uv").read_text()
    (tools / "uv").write_text("#!/bin/sh\nexit 1\n")
    (project / ".uv" / "current" / "bin").mkdir(parents=True)
    shutil.copy(tools / "uv", project / ".uv" / "current" / "bin" / "uv")
    failed = called(project / "playhead", path=tools)
    assert failed.returncode == 1
    assert "the environment could not be made" in failed.stderr
    (tools / "uv").write_text(working)
    assert called(project / "playhead", path=tools).returncode == 0


def test_it_is_found_through_links(project, tools, tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "relative").symlink_to(os.path.relpath(project / "playhead", tmp_path / "deep"))
    (tmp_path / "link").symlink_to("deep/relative")
    assert f"with {project}:" in called(tmp_path / "link", path=tools).stdout


def test_a_machine_without_the_right_python_is_told_what_to_install(project, tmp_path):
    others = tmp_path / "others"
    others.mkdir()
    for name in ("python3.11", "python3", "python"):  # as shims do, whose version is not installed
        (others / name).write_text("#!/bin/sh\nexit 127\n")
        (others / name).chmod(0o755)
    ran = called(project / "playhead", path=others)
    assert ran.returncode == 1
    assert ran.stdout == ""
    assert "Python 3.11 is not on PATH" in ran.stderr
