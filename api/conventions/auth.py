"""Who asks: by an API key or access token in ``Authorization: Bearer``, or by the cookie of a browser's session."""

from collections.abc import Callable
from typing import Any, TypeAlias

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.middleware import AbstractAuthenticationMiddleware, AuthenticationResult
from litestar.types import ASGIApp

from api.conventions.bearers import Bearer, Bearers
from api.conventions.problems import Unauthenticated
from api.conventions.session_cookie import COOKIE, CSRF_HEADER, SAFE, require_csrf, require_same_origin
from application.actor import Actor, Call
from application.identity.api_keys import KEY_PREFIX
from application.identity.session_secrets import PREFIXES
from application.identity.vault import Purpose
from application.tracing import present

LONGEST_SECRET = 256

IN_HEADERS = (f"{KEY_PREFIX}_", f"{PREFIXES[Purpose.ACCESS]}_")
IN_COOKIES = f"{PREFIXES[Purpose.BROWSER]}_"
"""What may be shown where: a cookie's secret in a header would need no token against other sites."""

ApiRequest: TypeAlias = Request[Actor, None, State]
"""A request under ``/api``: its ``user`` is the actor."""

VisitorRequest: TypeAlias = Request[None, None, State]
"""A request to one of the routes that need no credentials."""

Connection: TypeAlias = ASGIConnection[Any, Any, Any, Any]


class BearerAuthentication(AbstractAuthenticationMiddleware):
    """Lets in who shows a secret, as an `Actor`; raises `Unauthenticated` else, before the body is read.

    Raises `CsrfRefused` for a command that bears a cookie and did not come from
    our own pages.
    """

    def __init__(self, app: ASGIApp, bearers: Bearers) -> None:
        super().__init__(app)
        self._bearers = bearers

    async def authenticate_request(self, connection: Connection) -> AuthenticationResult:
        """The actor of the connection."""
        if "authorization" in connection.headers:
            bearer = await self._in_header(connection.headers["authorization"])
        else:
            bearer = await in_cookie(connection, self._bearers)
            if bearer and connection.scope["type"] == "http" and connection.scope["method"] not in SAFE:
                require_same_origin(connection)
                require_csrf(connection.cookies[COOKIE], connection.headers.get(CSRF_HEADER))
        if bearer is None:
            raise Unauthenticated
        return AuthenticationResult(user=actor_for(bearer, connection), auth=None)

    async def _in_header(self, header: str) -> Bearer | None:
        scheme, _, secret = header.partition(" ")
        secret = secret.strip()
        if scheme.lower() != "bearer" or len(secret) > LONGEST_SECRET or not secret.startswith(IN_HEADERS):
            return None
        return await self._bearers.find(secret)


class VisitorAuthentication(AbstractAuthenticationMiddleware):
    """Says who looks at a page, by the cookie: an `Actor`, or None for a visitor.

    Pages that change something call `require_form` themselves.
    """

    def __init__(self, app: ASGIApp, bearers: Bearers) -> None:
        super().__init__(app)
        self._bearers = bearers

    async def authenticate_request(self, connection: Connection) -> AuthenticationResult:
        """The actor of the connection, if there is one."""
        bearer = await in_cookie(connection, self._bearers)
        return AuthenticationResult(user=actor_for(bearer, connection) if bearer else None, auth=None)


def authentication(bearers: Bearers) -> Callable[[ASGIApp], BearerAuthentication]:
    """`BearerAuthentication`, as a router takes it."""

    def authenticated(app: ASGIApp) -> BearerAuthentication:
        return BearerAuthentication(app, bearers)

    return authenticated


def visiting(bearers: Bearers) -> Callable[[ASGIApp], VisitorAuthentication]:
    """`VisitorAuthentication`, as a router takes it."""

    def visited(app: ASGIApp) -> VisitorAuthentication:
        return VisitorAuthentication(app, bearers)

    return visited


def require_form(connection: Connection, token: str | None) -> None:
    """Raises `CsrfRefused` unless our own page sent the form.

    ``token`` is its field ``csrf_token``; asked for where there is a session.
    """
    require_same_origin(connection)
    if (secret := connection.cookies.get(COOKIE)) is not None:
        require_csrf(secret, token)


async def in_cookie(connection: Connection, bearers: Bearers) -> Bearer | None:
    """Who shows the cookie of a session."""
    secret = connection.cookies.get(COOKIE, "")
    if len(secret) > LONGEST_SECRET or not secret.startswith(IN_COOKIES):
        return None
    return await bearers.find(secret)


def actor_for(bearer: Bearer, connection: Connection) -> Actor:
    """The bearer in this call."""
    return Actor(
        id=bearer.actor_id,
        scope=bearer.scope,
        call=call_of(connection),
        user_id=bearer.user_id,
        session_id=bearer.session_id,
    )


def call_of(connection: Connection) -> Call:
    """This request, as facts record it."""
    trace = present()
    return Call(id=connection.scope["state"]["request_id"], traceparent=trace.traceparent if trace else None)
