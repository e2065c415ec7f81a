"""The same checks wherever they are asked for: in CI, before a commit, by name."""

import shlex

import pytest
import yaml

from tests.support.source_tree import ROOT

HOOKS = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
GATES = (ROOT / ".ci/run").read_text()


def test_the_forge_runs_what_everybody_can_run():
    [job] = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text())["jobs"].values()
    assert [step["run"] for step in job["steps"] if "run" in step] == [".ci/run"]
    assert (ROOT / ".ci/run").stat().st_mode & 0o100


@pytest.mark.parametrize("hook", HOOKS[0]["hooks"], ids=lambda hook: hook["id"])
def test_a_hook_is_a_gate_too_and_downloads_nothing(hook):
    program, *arguments = shlex.split(hook["entry"])
    assert hook["language"] == "system"
    assert (ROOT / program).exists()
    assert " ".join([program, *(each for each in arguments if each != "--force-exclude")]) in GATES


def test_no_hook_is_anybody_elses():
    assert [repository["repo"] for repository in HOOKS] == ["local"]
