"""The catalogue of events: all that can ever be recorded."""

import json
from collections.abc import Sequence
from pathlib import Path

import msgspec

from api.documents.fields import Field, fields_of, summary
from api.documents.markdown import from_docstring, page, table
from domain.events import CONTEXTS
from domain.kernel.event import Event, Fact, PastEvent, tag_of

SAMPLES = Path(__file__).resolve().parents[2] / "tests/contracts/recorded_events"

INTRODUCTION = """\
All that can ever be recorded, by context: each context has a log of its own. An event is stored under its tag, which
never changes; a field may be added later, with a default; any other change is a new tag (`….v2`).

A field marked **personal** is encrypted with the key of the fact's subject before it is stored. Once that key is
destroyed, whoever reads the event finds `{"kind": "erased"}` in its place. A field that is not **required** may be
missing, and then has its default. The examples are those that the tests keep for ever: what was recorded once can
always be read.
"""

ENVELOPE = "Every event is recorded inside a fact, which says when it happened, to what, and who said so."


def rendered() -> str:
    """The page."""
    facts = [field for field in fields_of(Fact) if field.name != "event"]
    structs = list(structs_in([event for events in CONTEXTS.values() for event in events]))
    return page(
        "Events",
        INTRODUCTION,
        f"## The fact around an event\n\n{ENVELOPE}\n\n{_table(facts)}",
        *(part for context, events in CONTEXTS.items() for part in _context(context, events)),
        "## Structures",
        *(f"### {each.__name__}\n\n{summary(each)}\n\n{_table(fields_of(each))}" for each in structs),
    )


def _context(context: str, events: Sequence[type[Event]]) -> Sequence[str]:
    return [f"## {context}", *(_event(each) for each in events)]


def _event(event: type[Event]) -> str:
    tag, fields = tag_of(event), fields_of(event)
    parts = [f"### `{tag}`", from_docstring((event.__doc__ or "").partition("\n\n")[0])]
    if issubclass(event, PastEvent):
        parts.append("Recorded in the past only.")
    parts.append(_table(fields) if fields else "No fields.")
    if fields:
        sample = json.loads((SAMPLES / f"{tag}.json").read_bytes())
        parts.append(f"```json\n{json.dumps(sample, indent=2, ensure_ascii=False)}\n```")
    return "\n\n".join(parts)


def _table(fields: Sequence[Field]) -> str:
    return table(
        ("field", "type", "required", "personal", "meaning"),
        [
            (
                f"`{each.name}`",
                each.kind,
                "yes" if each.required else "",
                "**personal**" if each.personal else "",
                each.meaning,
            )
            for each in fields
        ],
    )


def structs_in(events: Sequence[type[Event]]) -> Sequence[type[msgspec.Struct]]:
    """The structs that events hold, and those hold, each once, by name."""
    found, look = dict[str, type[msgspec.Struct]](), list[type[msgspec.Struct]](events)
    while look:
        for field in fields_of(look.pop()):
            new = [each for each in field.structs if each.__name__ not in found]
            found |= {each.__name__: each for each in new}
            look += new
    return [found[name] for name in sorted(found)]
