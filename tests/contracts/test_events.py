"""The table of contents of history is complete, and its names are fit to be kept for ever."""

import importlib
import pkgutil
import re
from collections.abc import Iterator

import pytest

import domain
from domain.events import CONTEXTS, EVERY_EVENT
from domain.kernel.event import Event, tag_of
from tests.support.source_tree import Module, modules

PRODUCTION_BUT_DOMAIN = modules("application", "projections", "adapters", "api", "workers")


def subclasses(of: type[Event]) -> Iterator[type[Event]]:
    for subclass in of.__subclasses__():
        yield subclass
        yield from subclasses(subclass)


def tagged_events() -> set[type[Event]]:
    """The event classes of the domain that can be recorded: those with a tag of their own."""
    for found in pkgutil.walk_packages(domain.__path__, "domain."):
        importlib.import_module(found.name)
    return {it for it in subclasses(Event) if it.__module__.startswith("domain.") and it.__struct_config__.tag}


def test_every_event_is_listed_in_its_context_and_in_no_other():
    listed = [event_type for events in CONTEXTS.values() for event_type in events]
    assert set(listed) == tagged_events()
    assert len(listed) == len(set(listed))


def test_no_two_events_share_a_tag():
    assert len(EVERY_EVENT) == sum(len(events) for events in CONTEXTS.values())


@pytest.mark.parametrize("context", CONTEXTS)
def test_an_event_lives_in_the_package_of_its_context_and_its_tag_says_so(context):
    for event_type in CONTEXTS[context]:
        assert event_type.__module__.split(".")[:2] == ["domain", context]
        assert re.fullmatch(rf"{context}\.[a-z]+(_[a-z]+)*(\.v[2-9][0-9]*)?", tag_of(event_type))


@pytest.mark.parametrize("event_type", EVERY_EVENT.values(), ids=EVERY_EVENT)
def test_every_event_says_in_its_own_words_what_happened(event_type):
    assert event_type.__dict__.get("__doc__"), "its own docstring, not its parent's"


@pytest.mark.parametrize("module", PRODUCTION_BUT_DOMAIN, ids=lambda module: module.path)
def test_events_are_named_in_the_domain_and_nowhere_else(module: Module):
    ours = {"Event", "PastEvent"} | {event_type.__name__ for event_type in EVERY_EVENT.values()}
    if "domain.kernel.event" not in module.imports_of_ours:
        return
    parents = {getattr(parent, "id", None) for it in module.classes for parent in it.bases}
    assert not parents & ours
