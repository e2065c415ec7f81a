"""Settings are checked at start, all at once, and secrets stay secret."""

import pytest

from adapters.settings import SettingsInvalid, load_settings, settings_reference, unknown_settings

KEY = "5e" * 32


def test_what_is_not_set_has_its_default(tmp_path):
    assert load_settings({}, data=tmp_path).port == 8000
    assert load_settings({"PLAYHEAD_PORT": ""}, data=tmp_path).port == 8000


def test_the_option_wins_over_the_variable(tmp_path):
    assert load_settings({"PLAYHEAD_DATA": "/elsewhere"}, data=tmp_path).data_directory == tmp_path


def test_everything_that_is_wrong_is_named_at_once(tmp_path):
    wrong = {"PLAYHEAD_PORT": "99999", "PLAYHEAD_LOG_LEVEL": "loud", "PLAYHEAD_MASTER_KEY": "top secret"}
    with pytest.raises(SettingsInvalid) as refused:
        load_settings(wrong, data=tmp_path)
    said = str(refused.value)
    assert "PLAYHEAD_PORT is '99999', and must be a whole number, at least 0 and at most 65535" in said
    assert "PLAYHEAD_LOG_LEVEL is 'loud', and must be one of debug, info, warning, error" in said
    assert "PLAYHEAD_MASTER_KEY must be 64 hex digits" in said
    assert "top secret" not in said
    assert "\n" not in said


@pytest.mark.parametrize(
    ("variable", "wrong"),
    [
        ("PLAYHEAD_POSTGRES_URL", "mysql://here"),
        ("PLAYHEAD_NATS_URL", "http://here"),
        ("PLAYHEAD_REDIS_URL", "here:6379"),
        ("PLAYHEAD_MILVUS_URI", "./milvus.db"),
        ("PLAYHEAD_WRITER_QUEUE", "0"),
        ("PLAYHEAD_READ_YOUR_WRITES_SECONDS", "nan"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(tmp_path, variable, wrong):
    with pytest.raises(SettingsInvalid, match=f"^{variable} "):
        load_settings({variable: wrong}, data=tmp_path)


def test_a_secret_can_be_given_as_a_file(tmp_path):
    file = tmp_path / "key"
    file.write_text(f"{KEY}\n")
    file.chmod(0o600)
    assert load_settings({"PLAYHEAD_MASTER_KEY_FILE": str(file)}, data=tmp_path).master_key == KEY


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644])
def test_a_secret_that_others_may_read_is_refused(tmp_path, mode):
    file = tmp_path / "key"
    file.write_text(KEY)
    file.chmod(mode)
    with pytest.raises(SettingsInvalid, match=r"PLAYHEAD_MASTER_KEY_FILE: .*/key: others may read it; chmod 600 it$"):
        load_settings({"PLAYHEAD_MASTER_KEY_FILE": str(file)}, data=tmp_path)


def test_a_secret_in_no_file_and_in_two_places_is_refused(tmp_path):
    given = {
        "PLAYHEAD_MASTER_KEY_FILE": str(tmp_path / "none"),
        "PLAYHEAD_REDIS_URL_FILE": "/x",
        "PLAYHEAD_REDIS_URL": "y",
    }
    with pytest.raises(SettingsInvalid) as refused:
        load_settings(given, data=tmp_path)
    assert str(refused.value) == (
        "PLAYHEAD_REDIS_URL_FILE: PLAYHEAD_REDIS_URL is set as well; keep one of the two; "
        f"PLAYHEAD_MASTER_KEY_FILE: {tmp_path}/none: No such file or directory"
    )


def test_only_secrets_are_looked_for_in_files(tmp_path):
    assert load_settings({"PLAYHEAD_PORT_FILE": "/nowhere"}, data=tmp_path).port == 8000
    assert set(unknown_settings({"PLAYHEAD_PORT_FILE": "/nowhere"})) == {"PLAYHEAD_PORT_FILE"}


def test_a_misspelt_variable_is_told_with_what_it_may_have_meant():
    given = {
        "PLAYHEAD_MASTER_KY": "",
        "PLAYHEAD_XYZZY": "1",
        "PLAYHEAD_NATS_URL": "",
        "PLAYHEAD_NATS_URL_FILE": "",
        "X": "",
    }
    assert unknown_settings(given) == {"PLAYHEAD_MASTER_KY": "PLAYHEAD_MASTER_KEY", "PLAYHEAD_XYZZY": ""}


@pytest.mark.parametrize("setting", settings_reference(), ids=lambda setting: setting.name)
def test_every_setting_says_what_it_means_and_is_right_by_default(tmp_path, setting):
    assert setting.meaning.endswith(".")
    assert setting.expects
    given = {} if setting.default == "" else {setting.name: str(setting.default)}
    if setting.name != "PLAYHEAD_DATA":
        assert getattr(load_settings(given, data=tmp_path), setting.field) == setting.default


@pytest.mark.parametrize("setting", settings_reference(), ids=lambda setting: setting.name)
def test_what_sounds_secret_is_secret(setting):
    words = {"key", "token", "password", "secret"} & set(setting.name.lower().split("_"))
    assert setting.secret or not words
