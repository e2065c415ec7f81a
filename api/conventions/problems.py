"""Every error as a problem document (RFC 9457), and the one table that says which status it has.

``code`` is stable and for programs; ``detail`` is a sentence for people and
never holds secrets or the insides of the platform.
"""

import re
from collections.abc import Mapping, Sequence
from math import ceil
from typing import Any, NamedTuple

import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, MethodNotAllowedException, ValidationException
from litestar.openapi.datastructures import ResponseSpec

from adapters.composition import STORE_UNAVAILABLE
from api.conventions.arriving import BodyNotUnpacked, BodyTooSlow
from api.conventions.idempotency import IdempotencyKeyInUse, IdempotencyKeyInvalid
from api.conventions.preconditions import IfMatchInvalid
from api.conventions.problem_document import PROBLEM_JSON, FieldProblem, Problem, problem_of
from api.conventions.session_cookie import CsrfRefused
from api.live_counts import NoStreamLeft, TooManyStreams
from application.identity.sessions import RefreshRefused, SignInRefused
from application.identity.vault import PasswordsBusy
from application.limits import TooMany
from application.ports import ConcurrentWrite, LogBusy, LogUnavailable
from application.repository import VersionMismatch
from domain.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refusal
from projections.read_model import ReadModelBehind
from projections.recommendations.question import RecommenderUnavailable

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

CLIENT_LEFT = "client_left"
"""In the state of a request whose client went away: what it then ends with is nobody's fault, and nobody reads it."""

BAD_REQUEST = 400
REQUEST_TIMEOUT = 408
TOO_LARGE = 413
SERVER_ERROR = 500
VALIDATION_FAILED = 422

MISSING_PARAMETER = re.compile(r"Missing required \w+ parameter '(\w+)'")


class BodyMalformed(Exception):
    """The body is not JSON, or nested too deeply to be read."""


class BodyInvalid(Exception):
    """The body is JSON of another shape than the route takes; ``errors`` has at least one."""

    def __init__(self, errors: Sequence[FieldProblem]) -> None:
        super().__init__(errors[0].detail)
        self.errors = errors


class Unauthenticated(Exception):
    """No key, or one that opens nothing: which of the two is not told."""


class BodyNotJson(Exception):
    """A body of another media type than ``application/json``, in another character set, or of two types at once."""


class EncodingUnknown(Exception):
    """A body packed in another way than gzip."""


class _Kind(NamedTuple):
    """How one kind of error is answered; no ``code`` takes the error's own, no ``detail`` its message."""

    status: int
    code: str | None = None
    detail: str | None = None
    headers: Mapping[str, str] = {}


def _soon(code: str, detail: str | None = None, *, seconds: int = 1) -> _Kind:
    return _Kind(503, code, detail, {"Retry-After": str(seconds)})


KINDS: Mapping[type[Exception], _Kind] = {
    NotFound: _Kind(404),
    Forbidden: _Kind(403),
    Conflict: _Kind(409),
    Invalid: _Kind(VALIDATION_FAILED),
    VersionMismatch: _Kind(412),
    IfMatchInvalid: _Kind(400),
    IdempotencyKeyInvalid: _Kind(400),
    IdempotencyKeyInUse: _Kind(409, "idempotency_key_in_use", headers={"Retry-After": "1"}),
    TooMany: _Kind(429, "rate_limited"),
    ConcurrentWrite: _Kind(409, "concurrent_write", "others kept changing the same thing; load it and try again"),
    LogBusy: _soon("log_busy", "more waits to be recorded than may wait; nothing was recorded"),
    LogUnavailable: _soon(
        "log_unavailable",
        "the log did not answer in time, and whether it recorded is unknown; send the same ids again",
        seconds=2,
    ),
    ReadModelBehind: _soon("read_model_behind"),
    RecommenderUnavailable: _soon("recommender_unavailable", "the recommender did not answer in time"),
    NoStreamLeft: _soon("no_stream_left", "this process has as many open streams as it may, or is stopping", seconds=5),
    TooManyStreams: _Kind(
        429, "too_many_streams", "you hold as many open streams as you may: close one", {"Retry-After": "5"}
    ),
    **dict.fromkeys(STORE_UNAVAILABLE, _soon("store_unavailable", "the database cannot be reached", seconds=2)),
    BodyMalformed: _Kind(400, "malformed_json"),
    BodyNotUnpacked: _Kind(400, "malformed_gzip"),
    BodyTooSlow: _Kind(
        408, "body_too_slow", "the body did not come in its time; send it again, faster", {"Connection": "close"}
    ),
    BodyNotJson: _Kind(415, "unsupported_media_type", "a body must be sent as application/json, in UTF-8"),
    EncodingUnknown: _Kind(
        415,
        "unsupported_content_encoding",
        "a body may be sent as it is, or in gzip",
        {"Accept-Encoding": "gzip, identity"},
    ),
    BodyInvalid: _Kind(VALIDATION_FAILED, "invalid"),
    ValidationException: _Kind(VALIDATION_FAILED, "invalid", "a parameter of the request is not valid"),
    Unauthenticated: _Kind(
        401,
        "unauthenticated",
        "this needs an API key or an access token: Authorization: Bearer <secret>",
        {"WWW-Authenticate": "Bearer"},
    ),
    SignInRefused: _Kind(401, headers={"WWW-Authenticate": "Bearer"}),
    RefreshRefused: _Kind(401, headers={"WWW-Authenticate": "Bearer"}),
    CsrfRefused: _Kind(
        403, "csrf_refused", "a request with a session's cookie must come from our own pages and carry X-CSRF-Token"
    ),
    PasswordsBusy: _soon("passwords_busy", "more people sign in than can be checked at once", seconds=2),
}
"""Which answer an error gets; one of its base classes decides if it is not listed itself."""

HTTP_KINDS: Mapping[int, _Kind] = {
    400: _Kind(400, "bad_request"),
    404: _Kind(404, "route_not_found", "there is nothing under this path"),
    405: _Kind(405, "method_not_allowed", "this path does not take this method; see the Allow header"),
    413: _Kind(413, "body_too_large", "the body is larger than this route takes"),
    415: _Kind(415, "unsupported_media_type", "a body must be sent as application/json"),
}
"""The same for errors that the framework raises, by status."""

UNEXPECTED = _Kind(SERVER_ERROR, "internal_error", "something went wrong on our side; the request id tells us what")

UNREAD = _Kind(400, "client_left", "the client left before its request was complete")


def answer_problem(request: Request[Any, Any, Any], error: Exception) -> Response[Problem]:
    """The answer to whatever a request ended with; what nobody expected goes to the log with its traceback."""
    kind = UNREAD if CLIENT_LEFT in request.scope["state"] else _kind(error)
    if kind.status == SERVER_ERROR:
        log.error("request_failed", path=request.scope["path"], exc_info=error)
    elif kind.status > SERVER_ERROR:
        log.warning("request_turned_away", code=kind.code, error=str(error) or type(error).__name__)
    code = kind.code or (error.code if isinstance(error, Refusal) else "refused")
    problem = problem_of(kind.status, code, kind.detail or str(error), request.scope["path"], _fields(error))
    headers = {**kind.headers, **_allowed(error), **_wait(error)}
    return Response(problem, status_code=kind.status, media_type=PROBLEM_JSON, headers=headers)


def _allowed(error: Exception) -> Mapping[str, str]:
    """The methods of the path, with those that every path has (``api/conventions/transfer.py``)."""
    if not isinstance(error, MethodNotAllowedException):
        return {}
    methods = {each.strip() for each in (error.headers or {}).get("allow", "").split(",")} - {""}
    return {"Allow": ", ".join(sorted({*methods, "OPTIONS", *(["HEAD"] if "GET" in methods else [])}))}


def _wait(error: Exception) -> Mapping[str, str]:
    return {"Retry-After": str(max(1, ceil(error.verdict.retry_after)))} if isinstance(error, TooMany) else {}


def _kind(error: Exception) -> _Kind:
    for cause in type(error).__mro__:
        if cause in KINDS:
            return _empty_body(error) or KINDS[cause]
    if isinstance(error, HTTPException):
        return HTTP_KINDS.get(error.status_code, UNEXPECTED)
    return UNEXPECTED


def _empty_body(error: Exception) -> _Kind | None:
    """The framework reports a body that is not there as a parameter named after the handler's."""
    if isinstance(error, ValidationException) and any(field.field == "data" for field in _fields(error)):
        return _Kind(400, "malformed_json", "the body is empty")
    return None


def _fields(error: Exception) -> Sequence[FieldProblem]:
    match error:
        case BodyInvalid():
            return error.errors
        case Invalid(field=str(field)):
            return (FieldProblem(field, str(error)),)
        case ValidationException(extra=list(extra)):
            return tuple(FieldProblem(each.get("key", ""), each["message"]) for each in extra)
        case ValidationException() if missing := MISSING_PARAMETER.match(error.detail):
            return (FieldProblem(missing[1], "it is required"),)
        case _:
            return ()


MEANINGS: Mapping[int, str] = {
    304: "It is as you have it: `If-None-Match` names its ETag.",
    400: "The body is not JSON, or the request is malformed.",
    401: "No key, token or session, or one that is unknown, expired or revoked.",
    403: "Whoever asks may not do this.",
    404: "There is no such thing, or the key may not know of it.",
    409: "The present state rules it out, or others kept changing the same thing.",
    412: "The thing has another version than `If-Match` says; its ETag tells which.",
    408: "The body did not come in its time.",
    413: "The body is too large.",
    415: "The body is not `application/json` in UTF-8, or packed in another way than gzip.",
    422: "A field or parameter is not valid; `errors` names it.",
    429: "Too often, or too many at once; `Retry-After` says in how many seconds to ask again.",
    500: "A fault of ours.",
    503: "Not now; `Retry-After` says in how many seconds to ask again.",
}


def problems(*statuses: int) -> dict[int, ResponseSpec]:
    """What a route may answer besides success, for its OpenAPI operation: ``statuses`` and those of every route.

    A body that can be too large (413) can be too slow as well.
    """
    slow = {REQUEST_TIMEOUT} if TOO_LARGE in statuses else set[int]()
    return {
        status: ResponseSpec(
            Problem if status >= BAD_REQUEST else None,
            generate_examples=False,
            description=MEANINGS[status],
            media_type=PROBLEM_JSON,
        )
        for status in sorted({400, 401, 415, 422, 429, 500, 503, *slow, *statuses})
    }
