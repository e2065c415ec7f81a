"""Facts to rows and back: the whole fact as JSON, named by tag and never by module path.

The stored bytes hold everything but the position, so they can be proved,
relayed and read by themselves; the other columns repeat what is looked up.
"""

from base64 import b64decode, b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Protocol, get_args, get_origin, get_type_hints
from uuid import UUID

import msgspec
from eventsourcing.persistence import Mapper, StoredEvent
from msgspec.structs import force_setattr, replace

from domain.events import EVERY_EVENT
from domain.kernel.event import Event, Fact, Occurrence, PastEvent
from domain.kernel.personal import ERASED, PersonalMark

LogRow = tuple[str, bytes, int]
"""What is read of a row: tag, state, position."""


Decoders = dict[str, msgspec.json.Decoder[Any]]
"""By tag."""


class UnknownEvent(Exception):
    """The log holds a tag that ``domain.events`` does not list."""


class SubjectMissing(Exception):
    """A fact with personal data does not say whose it is: a bug of the caller."""


class Seals(Protocol):
    """Encryption for one subject; keys were loaded before."""

    def seal(self, subject: UUID, value: bytes, *, context: bytes) -> bytes:
        """Encrypt."""
        ...

    def open(self, subject: UUID, sealed: bytes, *, context: bytes) -> bytes | None:
        """Decrypt; None if the key is gone."""
        ...


class FactRow(msgspec.Struct, frozen=True, gc=False):
    """What one fact puts into the log's columns, its position aside."""

    stream_id: UUID
    version: int
    tag: str
    state: bytes
    event_id: UUID
    subject_id: UUID | None


@dataclass(frozen=True)
class StoredFact(StoredEvent):
    """A fact among the library's stored events, with the two columns that the library does not know."""

    event_id: UUID
    subject_id: UUID | None


def _personal_fields(event_type: type[Event]) -> tuple[str, ...]:
    hints = get_type_hints(event_type, include_extras=True)
    return tuple(
        name
        for name, hint in hints.items()
        if get_origin(hint) is Annotated and any(isinstance(mark, PersonalMark) for mark in get_args(hint)[1:])
    )


TAGS: dict[type[Event], str] = {event_type: tag for tag, event_type in EVERY_EVENT.items()}
PERSONAL: dict[str, tuple[str, ...]] = {
    tag: fields for tag, event_type in EVERY_EVENT.items() if (fields := _personal_fields(event_type))
}
"""The personal fields of each event that has some, by tag."""

PERSONAL_TYPES = frozenset(EVERY_EVENT[tag] for tag in PERSONAL)


class _Subject(msgspec.Struct):
    subject_id: UUID


class FactMapper(Mapper[UUID]):
    """Encodes and decodes; personal fields are sealed with the key of the fact's subject."""

    def __init__(self, seals: Seals) -> None:
        self._seals = seals
        self._encoder = msgspec.json.Encoder()
        plain = {tag: event_type for tag, event_type in EVERY_EVENT.items() if tag not in PERSONAL}
        self._facts: Decoders = {tag: msgspec.json.Decoder(Fact[event_type]) for tag, event_type in plain.items()}
        self._bare: Decoders = {tag: msgspec.json.Decoder(Occurrence[event_type]) for tag, event_type in plain.items()}

    def to_stored_event(self, domain_event: Any) -> StoredFact:
        """A `Fact` as the library's recorders take it."""
        row = self.row(domain_event)
        return StoredFact(row.stream_id, row.version, row.tag, row.state, row.event_id, row.subject_id)

    def to_domain_event(self, stored_event: StoredEvent) -> Any:
        """A recorder's row as a `Fact`, its position not known."""
        [fact] = self.facts([(stored_event.topic, stored_event.state, 0)])
        return fact

    def row(self, fact: Fact[Event]) -> FactRow:
        """A fact as the group commit takes it; raises `SubjectMissing`."""
        tag = TAGS[type(fact.event)]
        state = self._encoder.encode(self._sealed(fact, tag) if tag in PERSONAL else fact)
        return FactRow(fact.stream_id, fact.version, tag, state, fact.event_id, fact.subject_id)

    def facts(self, rows: Sequence[LogRow]) -> Sequence[Fact[Any]]:
        """The facts in rows, in today's words.

        Raises `UnknownEvent`, and `msgspec.ValidationError` for other bytes than
        a fact's.
        """
        return self._decoded(rows, self._facts)

    def occurrences(self, rows: Sequence[LogRow]) -> Sequence[Occurrence[Any]]:
        """The same without the envelopes; raises as `facts` does."""
        return self._decoded(rows, self._bare)

    def _decoded(self, rows: Sequence[LogRow], decoders: Decoders) -> Sequence[Any]:
        """Everything that is read passes here, a row at a time."""
        facts: list[Any] = []
        for tag, state, position in rows:
            decoder = decoders.get(tag)
            fact = decoder.decode(state) if decoder else self._opened(state, tag)
            force_setattr(fact, "position", position)  # nobody else holds it yet, and a copy costs as much again
            facts.append(_in_todays_words(fact) if isinstance(fact.event, PastEvent) else fact)
        return facts

    def _sealed(self, fact: Fact[Event], tag: str) -> dict[str, Any]:
        if fact.subject_id is None:
            raise SubjectMissing(tag)
        fields: dict[str, Any] = msgspec.to_builtins(fact)
        for name in PERSONAL[tag]:
            plain = self._encoder.encode(fields["event"][name])
            sealed = self._seals.seal(fact.subject_id, plain, context=_context(fact.event_id, name))
            fields["event"][name] = {"sealed": b64encode(sealed).decode()}
        return fields

    def _opened(self, state: bytes, tag: str) -> Fact[Any]:
        if tag not in PERSONAL:
            raise UnknownEvent(tag)
        fields = msgspec.json.decode(state)
        subject_id, event_id = UUID(fields["subject_id"]), UUID(fields["event_id"])
        for name in PERSONAL[tag]:
            sealed = b64decode(fields["event"][name]["sealed"])
            plain = self._seals.open(subject_id, sealed, context=_context(event_id, name))
            fields["event"][name] = msgspec.to_builtins(ERASED) if plain is None else msgspec.json.decode(plain)
        return msgspec.convert(fields, type=Fact[EVERY_EVENT[tag]])


def subjects_to_seal(facts: Iterable[Fact[Event]]) -> set[UUID]:
    """Whose keys must be there before these facts are encoded."""
    return {fact.subject_id for fact in facts if fact.subject_id and type(fact.event) in PERSONAL_TYPES}


def subjects_to_open(rows: Sequence[LogRow]) -> set[UUID]:
    """Whose keys must be loaded before rows are decoded."""
    return {msgspec.json.decode(state, type=_Subject).subject_id for tag, state, _ in rows if tag in PERSONAL}


def _in_todays_words(fact: Occurrence[Any]) -> Occurrence[Any]:
    event = fact.event
    while isinstance(event, PastEvent):
        event = event.upcast()
    return replace(fact, event=event)


def _context(event_id: UUID, field: str) -> bytes:
    return event_id.bytes + field.encode()
