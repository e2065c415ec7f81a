"""The document at ``/schema/openapi.json``."""

from typing import Any

import msgspec
from litestar import Litestar, Request, Router
from litestar.exceptions import NotFoundException
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, License, SecurityScheme, Server
from litestar.response import Response

from api.conventions.session_cookie import COOKIE, CSRF_HEADER
from api.openapi.document import Document, completed

VERSION = "0.1.0"
DESCRIPTION = """\
The backend of a creator-video platform.

Times are RFC 3339 in UTC, ids are UUIDs. Every error is a problem document (RFC 9457) with a stable `code`; all of them
are explained under [/reference/problems](/reference/problems). Commands answer the `position` of what they recorded;
give it to a query as `min_position`, and it knows of that. Lists come in pages: ask with `next_cursor` for the next.
"""


class DocumentPlugin(JsonRenderPlugin):
    """Serves the completed document."""

    def __init__(self) -> None:
        super().__init__(media_type="application/json")  # pyright: ignore[reportArgumentType] # any media type will do

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:  # noqa: ARG002 - we complete it once
        """The document, as JSON."""
        return msgspec.json.encode(document_of(request.app))


def document_of(app: Litestar) -> Document:
    """The completed document of an application; made once, when it is first asked for."""
    if (document := app.state.get("openapi_document")) is None:
        document = app.state.openapi_document = completed(app.openapi_schema.to_schema(), app)
    return document


def openapi_config() -> OpenAPIConfig:
    """What the framework writes, and who completes it."""
    return OpenAPIConfig(
        title="Playhead",
        version=VERSION,
        description=DESCRIPTION,
        license=License(name="Apache-2.0", identifier="Apache-2.0"),
        servers=[Server(url="/", description="The platform that serves this document.")],
        use_handler_docstrings=True,
        render_plugins=[DocumentPlugin()],
        components=Components(security_schemes=_security_schemes()),
        openapi_router=Router("/schema", route_handlers=[], include_in_schema=False, after_request=_problem_if_missing),
    )


def _security_schemes() -> dict[str, Any]:
    return {
        "apiKey": SecurityScheme(type="http", scheme="bearer", description="An API key, as `ph_…`."),
        "accessToken": SecurityScheme(
            type="http", scheme="bearer", description="The access token of a session, as `pa_…`."
        ),
        "session": SecurityScheme(
            type="apiKey", security_scheme_in="cookie", name=COOKIE, description="The session of a browser."
        ),
        "csrf": SecurityScheme(
            type="apiKey",
            security_scheme_in="header",
            name=CSRF_HEADER,
            description="Goes with the cookie in whatever is not GET: the token that our pages hold.",
        ),
    }


async def _problem_if_missing(response: Response[bytes]) -> Response[bytes]:
    """The framework's own answer to an unknown path below ``/schema`` is a page of HTML."""
    if response.status_code == NotFoundException.status_code:
        raise NotFoundException
    return response
