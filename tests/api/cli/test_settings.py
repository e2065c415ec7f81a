"""``playhead settings`` shows what is in force, and gives nothing away."""

import pytest
from click.testing import CliRunner

from api.cli.__main__ import playhead

CANARY = "c4n4ry"


@pytest.fixture
def shown(monkeypatch, tmp_path):
    def show(**variables: str):
        for name, value in variables.items():
            monkeypatch.setenv(f"PLAYHEAD_{name}", value)
        return CliRunner().invoke(playhead, ["settings", "--data", str(tmp_path)])

    return show


@pytest.mark.parametrize(
    ("variable", "value", "left"),
    [
        ("MASTER_KEY", "c4" * 32, "***"),
        ("MILVUS_TOKEN", f"root:{CANARY}", "***"),
        (
            "POSTGRES_URL",
            f"postgresql://me:{CANARY}@a,b/db?sslpassword={CANARY}&x=1",
            "postgresql://***@a,b/db?sslpassword=***&x=1",
        ),
        ("NATS_URL", f"nats://{CANARY}@a:4222,nats://u:{CANARY}/x@b", "nats://***@a:4222,nats://***@b"),
        ("REDIS_URL", f"redis://:{CANARY}@here/0", "redis://***@here/0"),
    ],
)
def test_a_secret_is_hidden_and_where_it_leads_is_shown(shown, variable, value, left):
    output = shown(**{variable: value}).output
    assert CANARY not in output
    assert value not in output
    assert any(line.split() == [f"PLAYHEAD_{variable}", left] for line in output.splitlines())


def test_what_is_set_and_is_no_setting_is_told_with_what_it_may_mean(shown):
    result = shown(MASTER_KY="x")
    assert result.exit_code == 0
    assert "PLAYHEAD_MASTER_KY is set and is no setting; did you mean PLAYHEAD_MASTER_KEY?" in result.stderr


def test_settings_that_make_no_sense_fail_it(shown):
    result = shown(PORT="many", LOG_LEVEL="loud")
    assert result.exit_code == 1
    assert "PLAYHEAD_PORT" in result.stderr
    assert "PLAYHEAD_LOG_LEVEL" in result.stderr
