"""The headers that go with every route, told by what the route is."""

from collections.abc import Iterator, Mapping
from typing import Any

from api.conventions.idempotency import BY_IDS
from api.conventions.idempotency import HEADER as IDEMPOTENCY_KEY

COMMANDS = {"post", "put", "patch", "delete"}
TEXT = {"type": "string"}
NUMBER = {"type": "integer", "minimum": 0}

REQUEST_HEADERS: Mapping[str, dict[str, Any]] = {
    "RequestId": {
        "name": "X-Request-Id",
        "in": "header",
        "description": "A UUID of the caller's choice for the request: answered, logged, and recorded with what the"
        " request did. Anything else is replaced.",
        "schema": TEXT,
        "example": "0198f1a0-5a00-7c10-8a01-6d2f5a3b00aa",
    },
    "TraceParent": {
        "name": "traceparent",
        "in": "header",
        "description": "The trace to carry on (https://www.w3.org/TR/trace-context/); one that is none is replaced.",
        "schema": TEXT,
        "example": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    },
    "IdempotencyKey": {
        "name": IDEMPOTENCY_KEY,
        "in": "header",
        "description": "Lets the command take effect once, however often it is sent within 24 hours with this key and"
        " the same question.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": r"^[\x21-\x7e]+$"},
        "example": "8e03978e-40d5-43e8-bc93-6894a57f9324",
    },
    "IfMatch": {
        "name": "If-Match",
        "in": "header",
        "description": "The ETag that the thing must still have; `*` for any.",
        "schema": {"type": "string", "pattern": r'^(\*|"[0-9]{1,18}(-[0-9a-f]+)?")$'},
        "example": '"3"',
    },
    "IfNoneMatch": {
        "name": "If-None-Match",
        "in": "header",
        "description": "An ETag that the caller has: if it is still the one, the answer is 304 without a body.",
        "schema": TEXT,
        "example": '"3"',
    },
}

ANSWER_HEADERS: Mapping[str, dict[str, Any]] = {
    "RequestId": {
        "description": "The id of the request, by which it is found in the logs.",
        "schema": {"type": "string", "format": "uuid"},
        "example": "0198f1a0-5a00-7c10-8a01-6d2f5a3b00aa",
    },
    "RateLimitPolicy": {
        "description": "How often the caller may ask (draft-ietf-httpapi-ratelimit-headers).",
        "schema": TEXT,
        "example": '"user";q=600;w=60',
    },
    "RateLimit": {
        "description": "How often they may ask now, and in how many seconds it is all there again.",
        "schema": TEXT,
        "example": '"user";r=598;t=1',
    },
    "RetryAfter": {"description": "In how many seconds to ask again.", "schema": NUMBER, "example": 2},
    "WwwAuthenticate": {"description": "How to show who you are.", "schema": TEXT, "example": "Bearer"},
    "AcceptEncoding": {"description": "How a body may be packed.", "schema": TEXT, "example": "gzip, identity"},
    "Location": {
        "description": "Where the new thing is.",
        "schema": {"type": "string", "format": "uri-reference"},
        "example": "/api/videos/0198f1a0-5a00-7c10-8a01-6d2f5a3b0002",
    },
    "ETag": {"description": "The version of the thing, for `If-Match`.", "schema": TEXT, "example": '"3"'},
    "IdempotencyReplayed": {
        "description": "There, and `true`, on the answer to a command that took effect before.",
        "schema": {"type": "string", "enum": ["true"]},
        "example": "true",
    },
}
NAMES = {
    "RequestId": "X-Request-Id",
    "RateLimitPolicy": "RateLimit-Policy",
    "RateLimit": "RateLimit",
    "RetryAfter": "Retry-After",
    "WwwAuthenticate": "WWW-Authenticate",
    "AcceptEncoding": "Accept-Encoding",
    "Location": "Location",
    "ETag": "ETag",
    "IdempotencyReplayed": "Idempotency-Replayed",
}


def request_headers(method: str, operation: Mapping[str, Any]) -> Iterator[str]:
    """Which of `REQUEST_HEADERS` an operation heeds."""
    yield "RequestId"
    yield "TraceParent"
    if method in COMMANDS and operation.get("security") and not operation.get(f"x-{BY_IDS}"):
        yield "IdempotencyKey"
    if "412" in operation["responses"]:
        yield "IfMatch"
    if "304" in operation["responses"]:
        yield "IfNoneMatch"


def answer_headers(method: str, operation: Mapping[str, Any], status: str, *, has_place: bool) -> Iterator[str]:
    """Which of `ANSWER_HEADERS` an answer has; ``has_place`` says that what was made can be asked for."""
    yield "RequestId"
    if operation.get("security") and status not in {"401", "403"}:
        yield "RateLimitPolicy"
        yield "RateLimit"
    if status in {"429", "503"}:
        yield "RetryAfter"
    if status == "401":
        yield "WwwAuthenticate"
    if status == "415":
        yield "AcceptEncoding"
    if status == "201" and has_place:
        yield "Location"
    if status[0] in "23" and ({"304", "412"} & operation["responses"].keys() or _leaves_version(operation, status)):
        yield "ETag"
    if status[0] == "2" and "IdempotencyKey" in request_headers(method, operation):
        yield "IdempotencyReplayed"


def _leaves_version(operation: Mapping[str, Any], status: str) -> bool:
    content = operation["responses"][status].get("content", {}).get("application/json", {})
    return bool(operation.get("security")) and content.get("schema", {}).get("$ref", "").endswith("/Accepted")
