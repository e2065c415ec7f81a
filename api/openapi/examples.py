"""Examples of everything, made from schemas and of what fields of a name usually hold."""

from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]

BY_FIELD: Mapping[str, Any] = {
    "accepted": 1,
    "access_expires_at": "2026-11-23T12:15:00Z",
    "access_token": "pa_0198f1a05a007c108a016d2f5a3b0010_k7…",
    "at": "2026-11-23T12:00:00Z",
    "attempts": 1,
    "birth_year": 1994,
    "code": "because_watched",
    "comments": 4,
    "count": 20,
    "country": "DE",
    "current": True,
    "cursor": "ktf_AAAAAGkc1gDZIA",
    "description": "A walk along the harbour before sunrise.",
    "detail": "One sentence for people.",
    "device": "phone",
    "drafted_at": "2026-11-20T09:30:00Z",
    "due_at": "2026-11-23T12:00:30Z",
    "duplicates": 0,
    "duration_ms": 42_000,
    "email": "ann@example.org",
    "erased": False,
    "error": "OperationalError",
    "expires_at": "2027-02-01T00:00:00Z",
    "exported_at": "2026-11-23T12:00:00Z",
    "field": "title",
    "followers": 1200,
    "form": "playhead.subject.1",
    "gender": "female",
    "generation": {"hook": "question", "length": 42, "captions": True},
    "genre": "travel",
    "head": 1024,
    "hides": 1,
    "impressions": 5300,
    "index": 3,
    "instance": "/api/videos",
    "issued_at": "2026-11-01T08:00:00Z",
    "key": "ph_0198f1a05a007c108a016d2f5a3b0003_q5…",
    "label": "nightly import",
    "lag": 0,
    "language": "en",
    "likes": 310,
    "limit": 20,
    "log": "engagement",
    "milliseconds": 1.4,
    "min_position": "engagement:1024",
    "moved_at": "2026-11-23T12:00:00Z",
    "name": "Ann",
    "next_cursor": None,
    "opened_at": "2026-11-20T09:00:00Z",
    "os": "android",
    "pacing": "slow",
    "password": "correct horse battery staple",
    "position": 1024,
    "positions": {"engagement": 1024, "catalog": 77},
    "present": "correct horse battery staples",
    "promised_at": "2026-11-23T12:00:00Z",
    "published_at": "2026-11-20T10:00:00Z",
    "query": "harbour at night",
    "reason": "The music is not ours.",
    "refresh_expires_at": "2026-12-23T12:00:00Z",
    "refresh_token": "pr_0198f1a05a007c108a016d2f5a3b0010_x2…",
    "revoked_at": None,
    "saves": 25,
    "score": 0.87,
    "seen_at": "2026-11-23T11:59:00Z",
    "session_id": "0198f1a0-5a00-7c10-8a01-6d2f5a3b0010",
    "settled_at": None,
    "shares": 12,
    "signup_source": "friend",
    "since": "2026-11-23T11:40:00Z",
    "skips": 70,
    "state": "live",
    "status": 200,
    "text": "You watched videos of this kind.",
    "themes": ["sea", "morning"],
    "title": "Harbour before sunrise",
    "token": "v1.0198f1a05a007c10.k3…",
    "tone": "calm",
    "type": "/reference/problems#invalid",
    "used_at": "2026-11-23T11:58:00Z",
    "verified": True,
    "version": 3,
    "videos": 18,
    "views": 4100,
    "watched_ms": 96_000_000,
    "without": "Recommendations are not answered.",
}
"""Realistic values, by the name of the field or parameter; ids are made from their names."""

BY_TYPE: Mapping[str, Mapping[str, Any]] = {
    "Alive": {"status": "alive"},
    "Check": {"status": "down", "milliseconds": 2000.4},
    "NewApiKey": {"scope": "user"},
    "Problem": {
        "title": "Unprocessable Content",
        "status": 422,
        "code": "invalid",
        "detail": "Expected `str` of length >= 1",
    },
    "FieldProblem": {"detail": "Expected `str` of length >= 1"},
    "MailPromised": {"detail": "If this address can have a mail about this, it is on its way."},
    "PasswordReplaced": {"present": "the one that I have now"},
    "ProjectionStanding": {"name": "video_engagement"},
    "Reason": {"code": "because_you_watched"},
    "SubjectExport": {"videos": []},
    "Rejected": {"code": "field_missing", "detail": "an interaction of kind like needs video_id"},
    "ReportedInteraction": {"kind": "view", "watched_ms": 31_000, "creator_id": None, "query": None},
    "ShownAccount": {"roles": ["creator"]},
    "ShownApiKey": {"scope": "user"},
    "ShownTokens": {"scope": "creator"},
    "ShownVideo": {"status": "published"},
    "ShownVideoWithCounts": {"status": "published"},
}
"""Where the name alone does not tell: by the type that has the field."""

IDS = "0198f1a0-5a00-7c10-8a01-6d2f5a3b{:04x}"
"""Version 7, of a moment in 2025."""

NAMED_IDS = ("id", "video_id", "creator_id", "user_id", "key_id", "request_id", "event_id")


class ExampleMissing(Exception):
    """A field has a name of which nobody has said what it usually holds."""


def example_of(schema: Schema, components: Mapping[str, Schema], name: str = "") -> Any:
    """A value that the schema allows; raises `ExampleMissing`."""
    if "$ref" in schema:
        return example_of(components[schema["$ref"].rpartition("/")[2]], components, name)
    if options := schema.get("anyOf") or schema.get("oneOf"):
        return example_of(_most_telling(options), components, name)
    if "properties" in schema:
        told = BY_TYPE.get(schema.get("title", ""), {})
        return {
            field: told[field] if field in told else example_of(each, components, field)
            for field, each in schema["properties"].items()
        }
    return _of_one(schema, name) if name in BY_FIELD else _made(schema, components, name)


def _of_one(schema: Schema, name: str) -> Any:
    return schema["enum"][0] if BY_FIELD[name] not in schema.get("enum", [BY_FIELD[name]]) else BY_FIELD[name]


def _made(schema: Schema, components: Mapping[str, Schema], name: str) -> Any:
    """A value that follows from the schema alone, of a field whose name says nothing more."""
    items, values = schema.get("items"), schema.get("additionalProperties")
    if constants := schema.get("enum") or [schema[word] for word in ("const",) if word in schema]:
        return constants[0]
    if schema.get("format") == "uuid":
        return IDS.format(NAMED_IDS.index(name) + 1 if name in NAMED_IDS else 99)
    if schema.get("type") == "array" and items:
        return [] if items == {"type": "object"} else [example_of(items, components, name.removesuffix("s"))]
    if schema.get("type") == "object" and values:
        return {"nats": example_of(values, components, name)}
    raise ExampleMissing(f"{name}: add it to BY_FIELD in api/openapi/examples.py ({dict(schema)})")


def _most_telling(options: list[Schema]) -> Schema:
    """The first that is not null, and rather one by reference."""
    told = [each for each in options if each.get("type") != "null"]
    return next((each for each in told if "$ref" in each), told[0])
