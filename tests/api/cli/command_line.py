"""Runs ``playhead`` commands as processes of their own."""

import os
import subprocess
import sys
from pathlib import Path

from adapters.settings import Settings
from tests.support.source_tree import ROOT

SECONDS = 60


class CommandLine:
    """Commands that find the platform of ``settings``, and run in ``directory``."""

    def __init__(self, settings: Settings, directory: Path) -> None:
        self.directory = directory
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("PLAYHEAD_")},  # noqa: TID251 - what the process needs besides ours
            "PYTHONPATH": str(ROOT),
            "PLAYHEAD_DATA": settings.data,
            "PLAYHEAD_POSTGRES_URL": settings.postgres_url,
            "PLAYHEAD_NATS_URL": settings.nats_url,
            "PLAYHEAD_REDIS_URL": settings.redis_url,
            "PLAYHEAD_MASTER_KEY": settings.master_key,
        }

    def run(self, *arguments: str, stdin: bytes = b"", **environment: str) -> subprocess.CompletedProcess[str]:
        """Run to the end; ``environment`` changes single variables, an empty value takes one away."""
        ran = subprocess.run(
            self.words(*arguments),
            input=stdin,
            capture_output=True,
            cwd=self.directory,
            env={name: value for name, value in {**self.environment, **environment}.items() if value},
            timeout=SECONDS,
            check=False,
        )
        return subprocess.CompletedProcess(ran.args, ran.returncode, ran.stdout.decode(), ran.stderr.decode())

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start, and leave it to the caller to end it."""
        return subprocess.Popen(
            self.words(*arguments),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=self.directory,
            env=self.environment,
        )

    @staticmethod
    def words(*arguments: str) -> list[str]:
        """What to execute."""
        return [sys.executable, "-m", "api.cli", *arguments]
