"""The list of commands."""

import subprocess
import sys

import pytest
from click.testing import CliRunner

from api.cli.__main__ import playhead
from api.cli.commands import COMMANDS


def test_help_lists_every_command_with_its_line():
    shown = CliRunner().invoke(playhead, ["--help"]).output
    for name, entry in COMMANDS.items():
        assert f"  {name} " in shown
        assert entry.help in shown


@pytest.mark.parametrize("name", sorted(COMMANDS.keys() - {"test"}))  # whose help is pytest's
def test_every_command_explains_itself(name):
    result = CliRunner().invoke(playhead, [name, "--help"])
    assert result.exit_code == 0
    assert "Usage:" in result.output


def test_a_command_that_there_is_not_is_a_usage_error():
    result = CliRunner().invoke(playhead, ["dwon"])
    assert result.exit_code == 2
    assert "No such command 'dwon'" in result.stderr


def test_listing_the_commands_imports_none_of_them():
    code = "import sys, api.cli.__main__; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"adapters.settings", "asyncio", "litestar", "numpy", "psycopg"} & set(loaded)


def test_settings_that_make_no_sense_are_named_in_one_line(monkeypatch, tmp_path):
    monkeypatch.setenv("PLAYHEAD_WRITER_QUEUE", "many")
    result = CliRunner().invoke(playhead, ["up", "--data", str(tmp_path)])
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: ")
    assert "PLAYHEAD_WRITER_QUEUE" in result.stderr
    assert result.stderr.count("\n") == 1
