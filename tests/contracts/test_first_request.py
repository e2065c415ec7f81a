"""The tutorial, as a newcomer follows it: every command of it, in one shell, on a platform of its own."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.support.source_tree import ROOT
from tests.support.up import up

TUTORIAL = ROOT / "docs/tutorial/first-request.md"
COMMANDS = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.mark.slow
def test_every_command_of_the_first_request_works(tmp_path: Path):
    commands = COMMANDS.findall(TUTORIAL.read_text())
    assert len(commands) >= 7
    with up(tmp_path / "platform") as platform:
        environment = {
            "PATH": os.environ["PATH"],  # noqa: TID251 - where curl and python3 are
            "HOME": str(tmp_path),
            "PLAYHEAD": platform.url,
            "PLAYHEAD_DATA": str(platform.directory),
        }
        # In the project, as the tutorial has it; what it writes goes elsewhere.
        written = "\n".join(commands).replace("live.txt", str(tmp_path / "live.txt"))
        script = "\n".join(["set -eo pipefail", f"cd {ROOT}", written])
        ran = subprocess.run(
            ["/bin/bash", "-c", script], env=environment, capture_output=True, text=True, timeout=120, check=False
        )
    assert ran.returncode == 0, ran.stderr + ran.stdout
    assert "'likes': 1" in ran.stdout
    live = (tmp_path / "live.txt").read_text()
    assert live.count("event: counts") == 2
    assert '"shares":0' in live
    assert '"shares":1' in live
    assert '"items":[' in ran.stdout.splitlines()[-1]
