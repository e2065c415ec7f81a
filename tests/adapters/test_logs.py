"""A line of the log can be read by a program, and holds nothing that is secret or personal."""

import io
import json
import logging
import sys

import pytest
import structlog

from adapters.logs import configure_logs
from adapters.masking import mask

CANARY = "c4n4ryc4n4ryc4n4ry"


@pytest.fixture
def configured(monkeypatch: pytest.MonkeyPatch):
    """Sets the logs up, in the test itself since standard error is another one there; returns how to read them."""

    def configure():
        written = io.StringIO()
        monkeypatch.setattr(sys, "stderr", written)
        configure_logs("info")
        return lambda: [json.loads(line) for line in written.getvalue().splitlines()]

    yield configure
    structlog.reset_defaults()
    logging.basicConfig(handlers=[], force=True)


def fail() -> None:
    raise RuntimeError(f"connection to redis://:{CANARY}@here failed")


def masked(**values):
    return mask(None, "info", dict(values))


@pytest.mark.parametrize(
    "name",
    [
        "password",
        "refresh_token",
        "api_key",
        "email",
        "user_email",
        "name",
        "user_name",
        "Authorization",
        "postgres_url",
    ],
)
def test_a_field_that_sounds_secret_is_masked_whatever_it_holds(name):
    assert masked(**{name: CANARY}) == {name: "***"}


@pytest.mark.parametrize("name", ["event", "request_id", "route", "actor", "kind", "detail", "log", "key_id"])
def test_a_field_that_does_not_is_left_alone(name):
    assert masked(**{name: CANARY}) == {name: CANARY}


@pytest.mark.parametrize(
    ("said", "left"),
    [
        (f"could not reach postgresql://me:{CANARY}@here/db", "could not reach postgresql://***@here/db"),
        (f"nats://{CANARY}@a:4222 is away", "nats://***@a:4222 is away"),
        (f"no such key ph_0198f1a05a007c108a016d2f5a3b0001_{CANARY.replace('4', 'a')}", "no such key ***"),
        (f"GET /verify?token={CANARY}&x=1", "GET /verify?token=***&x=1"),
        (f"Authorization: Bearer {CANARY}", "Authorization: Bearer ***"),
        (f"hash $argon2id$v=19$m=1${CANARY}", "hash ***"),
        ("mail to ada@example.org was refused", "mail to *** was refused"),
        ("<ada.byron+x@mail.example.co.uk>", "<***>"),
    ],
)
def test_what_has_the_shape_of_a_secret_is_masked_inside_of_a_sentence(said, left):
    assert masked(error=said, chain=[{"exc_value": said}]) == {"error": left, "chain": [{"exc_value": left}]}


@pytest.mark.parametrize(
    "value", ["/api/videos/{video_id}", "batch_projected", "user:0198f1a0-5a00-7c10-8a01-6d2f", 7, None, True]
)
def test_what_is_harmless_stays(value):
    assert masked(detail=value, nested={"a": value}) == {"detail": value, "nested": {"a": value}}


def test_an_exception_is_written_without_what_its_message_gives_away(configured):
    lines = configured()
    try:
        fail()
    except RuntimeError:
        structlog.get_logger().exception("question_failed")
    [line] = lines()
    assert line["event"] == "question_failed"
    assert line["exception"][0]["exc_value"] == "connection to redis://***@here failed"
    assert CANARY not in json.dumps(line)


def test_what_a_library_logs_is_a_line_like_ours(configured):
    lines = configured()
    logging.getLogger("some.library").warning("cannot reach %s", f"redis://:{CANARY}@here")
    logging.getLogger("some.library").info("chatter")
    [line] = lines()
    assert (line["event"], line["level"], line["logger"]) == ("library_spoke", "warning", "some.library")
    assert line["detail"] == "cannot reach redis://***@here"


def test_a_variable_that_is_no_setting_is_warned_about_without_its_value(configured, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PLAYHEAD_MASTER_KY", CANARY)
    [line] = configured()()
    assert (line["event"], line["level"]) == ("setting_unknown", "warning")
    assert (line["variable"], line["did_you_mean"]) == ("PLAYHEAD_MASTER_KY", "PLAYHEAD_MASTER_KEY")
    assert CANARY not in json.dumps(line)
