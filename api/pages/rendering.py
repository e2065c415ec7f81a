"""From a template to an answer: what every page is given, and the headers that every page has."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import Response
from litestar.datastructures import Cookie
from litestar.enums import MediaType

from api.conventions.session_cookie import COOKIE as SESSION_COOKIE
from api.conventions.session_cookie import csrf_token
from api.pages import words
from api.pages.assets import Assets
from api.pages.flash import COOKIE, FLASHES, Flash, flashing, said
from api.pages.posters import poster
from api.pages.viewer import PageRequest, Viewer, viewer_of

TEMPLATES = Path(__file__).parent / "templates"
SCHEME_COOKIE = "scheme"
SCHEMES = ("light", "dark")

POLICY = (
    "default-src 'self'; "
    "script-src 'self'; "
    "style-src 'self'; "
    "img-src 'self' data:; "
    "connect-src 'self'; "
    "form-action 'self'; "
    "frame-ancestors 'none'; "
    "base-uri 'none'; "
    "object-src 'none'"
)
"""Nothing from elsewhere, and nothing that is written into the page itself (https://www.w3.org/TR/CSP3/)."""

Referrer = Literal["same-origin", "no-referrer"]
"""``no-referrer`` for pages whose address holds a token."""


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """What the layout knows about the page being drawn.

    ``unasked`` says that somebody may well be signed in, and was not asked for: nothing is under this path.
    """

    path: str
    back: str
    viewer: Viewer | None
    unasked: bool
    csrf: str
    scheme: str | None
    flash: Flash | None


class Pages:
    """Draws pages; made once, and shared by all requests."""

    def __init__(self, assets: Assets) -> None:
        self.assets = assets
        self._environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        known: dict[str, Any] = self._environment.globals
        known.update(asset=assets.address, poster=poster, counted=words.counted)
        self._environment.filters.update(timecode=words.timecode, day=words.day, minute=words.minute)

    def draw(
        self,
        request: PageRequest,
        template: str,
        *,
        status: int = 200,
        referrer: Referrer = "same-origin",
        **content: Any,
    ) -> Response[str]:
        """The page, or the part of one that `template` is; what a flash cookie said, it says, and takes the cookie."""
        page = _page(request)
        text = self._environment.get_template(template).render(page=page, **content)
        return Response(
            text,
            status_code=status,
            media_type=MediaType.HTML,
            headers={"Content-Security-Policy": POLICY, "Referrer-Policy": referrer, "Vary": "Cookie, HX-Request"},
            cookies=[said(secure=_secure(request))] if page.flash else [],
        )


def onward(
    request: PageRequest, path: str, *, flash: str | None = None, cookies: Sequence[Cookie] = ()
) -> Response[None]:
    """After a form: to another page by GET (303), which may say that it is done.  ``path`` is one of ours."""
    said_next = [flashing(flash, secure=_secure(request))] if flash else []
    return Response(None, status_code=303, headers={"Location": path}, cookies=[*cookies, *said_next])


def own_path(path: str | None) -> str:
    """Where somebody wants to be afterwards, if that is a page of ours, and the first page else."""
    if path and path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable():
        return path
    return "/"


def scheme_cookie(scheme: str, *, secure: bool) -> Cookie:
    """Remember which colours somebody chose; ``auto`` forgets it."""
    chosen = scheme if scheme in SCHEMES else ""
    year = 365 * 24 * 3600
    lasting = year if chosen else 0
    return Cookie(key=SCHEME_COOKIE, value=chosen, max_age=lasting, httponly=True, samesite="lax", secure=secure)


def _page(request: PageRequest) -> Page:
    scheme = request.cookies.get(SCHEME_COOKIE)
    query = request.url.query
    # Also for a session that is over: its cookie comes with the form, and is asked for a token.
    secret = request.cookies.get(SESSION_COOKIE)
    return Page(
        path=request.url.path,
        back=request.url.path + (f"?{query}" if query else "") if request.method == "GET" else "/",
        viewer=viewer_of(request),
        unasked="user" not in request.scope and secret is not None,
        csrf=csrf_token(secret) if secret else "",
        scheme=scheme if scheme in SCHEMES else None,
        flash=FLASHES.get(request.cookies.get(COOKIE, "")),
    )


def _secure(request: PageRequest) -> bool:
    return request.url.scheme == "https"
