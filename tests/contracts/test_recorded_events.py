"""Whatever was ever recorded can still be read, and means what it meant.

``recorded_events/<tag>.json`` holds an event as it was written when its tag was
new, every field filled in, personal ones in the clear.  Files are added with
their event and never edited: a test that fails here has found history that
would be lost.
"""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from domain.events import EVERY_EVENT
from domain.kernel.event import PastEvent

SAMPLES = sorted(Path(__file__).with_name("recorded_events").glob("*.json"))


def still_says(present: Any, recorded: Any) -> bool:
    """Whether all that was recorded is in ``present``, which may say more by now."""
    if isinstance(recorded, dict) and isinstance(present, dict):
        return all(name in present and still_says(present[name], value) for name, value in recorded.items())
    return present == recorded


def test_every_event_has_its_sample_and_every_sample_its_event():
    assert {sample.stem for sample in SAMPLES} == set(EVERY_EVENT)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.stem)
def test_a_recorded_event_is_read_and_means_the_same(sample: Path):
    event = msgspec.json.decode(sample.read_bytes(), type=EVERY_EVENT[sample.stem])
    present = msgspec.json.decode(msgspec.json.encode(event))
    assert still_says(present, msgspec.json.decode(sample.read_bytes()))


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.stem)
def test_an_event_of_the_past_can_be_said_in_todays_words(sample: Path):
    event = msgspec.json.decode(sample.read_bytes(), type=EVERY_EVENT[sample.stem])
    generations = 0
    while isinstance(event, PastEvent):
        event, generations = event.upcast(), generations + 1
        assert generations < len(EVERY_EVENT), "it is upcast in a circle"
    assert type(event) in EVERY_EVENT.values()


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.stem)
def test_a_sample_says_something_in_every_field(sample: Path):
    recorded = msgspec.json.decode(sample.read_bytes())
    event = msgspec.json.decode(sample.read_bytes(), type=EVERY_EVENT[sample.stem])
    assert set(recorded) <= set(msgspec.to_builtins(event)), "a default that is written out says nothing"
