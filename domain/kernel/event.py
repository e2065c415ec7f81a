"""Events, and the facts that record them."""

from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

import msgspec


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Something that happened, named in the past tense.

    Each subclass gives its stored name as ``tag="<context>.<what_happened>"``.
    The tag, not the class or module name, is what the log holds: classes may be
    renamed and moved, tags never change.  A field may be added if it has a
    default; any other change is a new tag (``….v2``) and an upcast.
    """


class PastEvent(Event, frozen=True, kw_only=True):
    """An event as it used to be written; still read, never recorded again.

    Kept in ``domain/<context>/past.py`` under its old tag when the present
    event takes a new one (``….v2``).
    """

    def upcast(self) -> Event:
        """The same occurrence in today's words."""
        raise NotImplementedError


E_co = TypeVar("E_co", bound=Event, covariant=True)


class Occurrence(msgspec.Struct, Generic[E_co], frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One event where it stands in its log: ``position`` counts from 1 without holes, and is 0 until recorded."""

    event: E_co
    position: int = 0


class Fact(Occurrence[E_co], Generic[E_co], frozen=True, kw_only=True):
    """One event as recorded: what happened, to which stream, when, and who said so.

    ``event_id`` is a UUIDv7, chosen by the client where a client reports the
    event, and makes a retry a duplicate.  ``stream_id`` is the thing it happened
    to; ``version`` counts from 1 within the stream.  ``occurred_at`` is when it
    happened, as reported; ``recorded_at`` is when we learned of it; both UTC.
    ``actor_id`` is who said so; ``correlation_id`` is the call that it came of;
    ``causation_id`` is the event that led to this one.  ``subject_id`` is whose
    personal data it is.  ``traceparent`` is the
    W3C trace context of the request that led to it, if it had one.
    """

    event_id: UUID
    stream_id: UUID
    version: int
    occurred_at: datetime
    recorded_at: datetime
    actor_id: str
    correlation_id: UUID
    causation_id: UUID | None = None
    subject_id: UUID | None = None
    traceparent: str | None = None


def tag_of(event_type: type[Event]) -> str:
    """The stored name of an event class, as ``catalog.video_published``."""
    tag = event_type.__struct_config__.tag
    assert isinstance(tag, str), f"{event_type.__name__} has no tag"
    return tag
