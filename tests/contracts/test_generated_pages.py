"""The pages that come out of the code are what the code says, and say something about everything."""

import pytest

from api.documents.events import structs_in
from api.documents.fields import Field, fields_of
from api.documents.pages import DOCUMENTS, PAGES
from domain.events import CONTEXTS
from domain.kernel.event import Fact

EVENTS = [event for events in CONTEXTS.values() for event in events]
FIELDS = [(struct, field) for struct in (Fact, *EVENTS, *structs_in(EVENTS)) for field in fields_of(struct)]


@pytest.mark.parametrize("path", PAGES)
def test_a_generated_page_is_what_the_code_says(path):
    written = DOCUMENTS / path
    assert written.exists(), "run ./playhead docs generate"
    assert written.read_text() == PAGES[path](), "run ./playhead docs generate"


@pytest.mark.parametrize(("struct", "field"), FIELDS, ids=lambda it: it.name if isinstance(it, Field) else it.__name__)
def test_every_field_that_is_recorded_has_a_meaning(struct, field: Field):
    if (struct, field.name) != (Fact, "event"):
        assert field.meaning, "name the field in the docstring of its struct, as ``field``"


def test_what_is_personal_is_said_to_be():
    by_name = {(struct.__name__, field.name): field for struct, field in FIELDS}
    assert by_name["UserRegistered", "attributes"].personal
    assert by_name["SearchMade", "query"].personal
    assert not by_name["VideoDrafted", "details"].personal
    assert "| `query` | text | yes | **personal** |" in PAGES["reference/events.md"]()
