"""The records of a history file, one JSON object a line, checked as the API checks what it is sent."""

import re
from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from application.catalog import VideoDetails
from application.identity.users import UserAttributes
from domain.engagement.report import ReportedInteraction
from domain.kernel.errors import Invalid
from domain.kernel.text import holds_nul

Moment = Annotated[datetime, Meta(tz=True)]

LONGEST_LINE = 1_000_000
"""Bytes; a longer line is refused unread."""

BILLING = frozenset(
    {
        "subscription_created",
        "trial_ended",
        "plan_changed",
        "payment_succeeded",
        "payment_failed",
        "subscription_past_due",
        "subscription_recovered",
        "subscription_unpaid",
        "subscription_paused",
        "subscription_resumed",
        "cancel_scheduled",
        "cancel_unscheduled",
        "subscription_canceled",
        "payment_refunded",
    }
)
"""Types of the billing history, which this version does not record."""


class UserRecord(UserAttributes, frozen=True, kw_only=True, tag_field="type", tag="user"):
    """Somebody who registered at ``at``."""

    id: UUID
    at: Moment


class VideoRecord(VideoDetails, frozen=True, kw_only=True, tag_field="type", tag="video"):
    """A video that was published at ``at``; its creator need not be a user yet."""

    id: UUID
    at: Moment
    creator_id: UUID


class InteractionRecord(ReportedInteraction, frozen=True, kw_only=True, tag_field="type", tag="interaction"):
    """What a viewer did, as a client would have reported it."""


Record = UserRecord | VideoRecord | InteractionRecord


class BadRecord(Invalid):
    """A line is not a record; ``field`` names the part at fault, if one part is."""

    code = "bad_record"


_decode = msgspec.json.Decoder(Record).decode

# As msgspec words its messages.
_AT = re.compile(r" - at (?:`key` in )?`\$\.?([^`]*)`$")
_NAMED = re.compile(r"Object (contains unknown|missing required) field `([^`]*)`")
_VALUE = re.compile(r"Invalid value '([^']*)'")


def read_record(line: bytes) -> Record:
    """The record that a line holds, whatever stands around it in white space; raises `BadRecord`."""
    if len(line) > LONGEST_LINE:
        raise BadRecord("the line is longer than 1 MB")
    if holds_nul(line):
        raise BadRecord("the character U+0000 cannot be stored")
    try:
        return _decode(line)
    except msgspec.ValidationError as wrong:
        raise _explained(str(wrong)) from wrong
    except msgspec.DecodeError as wrong:
        raise BadRecord(f"this is not JSON: {wrong}") from wrong
    except UnicodeDecodeError as wrong:
        raise BadRecord("this is not UTF-8") from wrong
    except RecursionError as wrong:
        raise BadRecord("this is nested too deeply") from wrong


def _explained(message: str) -> BadRecord:
    if named := _NAMED.match(message):
        reason = "there is no such field" if named[1] == "contains unknown" else "the field is required"
        return BadRecord(reason, field=named[2])
    at = _AT.search(message)
    field = at[1] if at and at[1] else None
    value = _VALUE.match(message)
    if field == "type" and value and value[1] in BILLING:
        return BadRecord(f"{value[1]} comes with billing, which this version does not have", field="type")
    return BadRecord(_AT.sub("", message), field=field)
