"""Every event the system can record: the table of contents of its history.

Add an aggregate's union to its context here and its events become storable; an
event missing from this list fails ``tests/contracts``.
"""

from typing import get_args

from domain.catalog.video import VideoEvent
from domain.engagement.interaction import InteractionEvent
from domain.identity.account_events import AccountEvent
from domain.identity.api_key import ApiKeyEvent
from domain.identity.past import ApiKeyIssuedInClear
from domain.identity.session import SessionEvent
from domain.identity.user import UserEvent
from domain.kernel.event import Event, tag_of

CONTEXTS: dict[str, tuple[type[Event], ...]] = {
    "identity": (
        *get_args(UserEvent),
        *get_args(AccountEvent),
        *get_args(SessionEvent),
        *get_args(ApiKeyEvent),
        ApiKeyIssuedInClear,
    ),
    "catalog": get_args(VideoEvent),
    "engagement": get_args(InteractionEvent),
}
"""The contexts that have a log, and what each can record."""

EVERY_EVENT: dict[str, type[Event]] = {
    tag_of(event_type): event_type for events in CONTEXTS.values() for event_type in events
}
