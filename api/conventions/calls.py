"""What a command's headers say of the call: once, on which version, in which trace."""

from typing import Any

from litestar import Request
from litestar.types import ASGIApp, HTTPScope, Receive, Scope, Send
from msgspec.structs import replace

from api.conventions.answer_headers import header
from api.conventions.idempotency import BY_IDS, CallsUnderWay, checked_key, key_digest, question_digest
from api.conventions.preconditions import expected_version
from api.conventions.rate_limits import actor_of
from application.actor import Actor, Once
from application.tracing import present

COMMANDS = {"POST", "PUT", "PATCH", "DELETE"}


class Calls:
    """Puts ``Idempotency-Key``, ``If-Match`` and the trace into `Actor.call`; stands inside of the authentication.

    Visitors have no keys: what they send twice is asked twice.
    """

    def __init__(self, app: ASGIApp, under_way: CallsUnderWay) -> None:
        self._app = app
        self._under_way = under_way

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the headers, then let the request go on.

        Raises `IdempotencyKeyInvalid`, `IdempotencyKeyInUse` and `IfMatchInvalid`.
        """
        if scope["type"] != "http" or scope["method"] not in COMMANDS or (actor := actor_of(scope)) is None:
            await self._app(scope, receive, send)
            return
        trace = present()
        call = replace(
            actor.call,
            traceparent=trace.traceparent if trace else None,
            expected_version=expected_version(header(scope, b"if-match")),
        )
        scope["user"] = actor = replace(actor, call=call)
        key = header(scope, b"idempotency-key")
        if key is None or scope["route_handler"].opt.get(BY_IDS):
            await self._app(scope, receive, send)
            return
        once_key = key_digest(actor.id, checked_key(key))
        with self._under_way.alone(once_key):
            question = await _question(scope, receive)
            scope["user"] = _once(actor, Once(once_key, question))
            await self._app(scope, receive, send)


def _once(actor: Actor, once: Once) -> Actor:
    return replace(actor, call=replace(actor.call, once=once))


async def _question(scope: HTTPScope, receive: Receive) -> bytes:
    # The framework bounds the body, and keeps it for the handler.
    body = await Request[Any, Any, Any](scope, receive).body()
    return question_digest(scope["method"], scope["raw_path"], scope["query_string"], body)
