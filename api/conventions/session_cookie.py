"""The cookie of a browser's session, and the tokens that keep other sites from using it.

A browser sends the cookie with whatever any page makes it ask.  So a request
that changes something must also come from our own pages (`require_same_origin`)
and carry a token that only they can read (`require_csrf`).
"""

import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any
from urllib.parse import urlsplit

from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie

from application.identity.sessions import SignedIn

COOKIE = "__Host-session"
"""The prefix makes browsers refuse it from subdomains and over plain HTTP, but for this machine's own."""

CSRF_HEADER = "X-CSRF-Token"
CSRF_FIELD = "csrf_token"
CODE_BYTES = 32
SAFE = {"GET", "HEAD", "OPTIONS"}

Connection = ASGIConnection[Any, Any, Any, Any]


class CsrfRefused(Exception):
    """The request bears a session's cookie, and nothing shows that our own pages sent it."""


def session_cookie(signed_in: SignedIn) -> Cookie:
    """The cookie that proves a browser's session."""
    proof = signed_in.secrets.proof
    lasts = int((proof.expires_at - signed_in.session.seen_at).total_seconds())
    return Cookie(COOKIE, value=proof.text, path="/", max_age=lasts, secure=True, httponly=True, samesite="lax")


def no_session_cookie() -> Cookie:
    """Takes the cookie away again."""
    return Cookie(COOKIE, value="", path="/", max_age=0, secure=True, httponly=True, samesite="lax")


def csrf_token(secret: str) -> str:
    """A token for the session whose cookie is ``secret``; another one each time, and all of them good.

    The mask keeps a page's compressed length from telling the code (BREACH).
    """
    mask = secrets.token_bytes(CODE_BYTES)
    return urlsafe_b64encode(mask + _masked(_code(secret), mask)).rstrip(b"=").decode()


def require_csrf(secret: str, token: str | None) -> None:
    """Raises `CsrfRefused` unless the token was made for this session."""
    try:
        written = urlsafe_b64decode((token or "") + "=" * (-len(token or "") % 4))
    except ValueError:
        raise CsrfRefused from None
    mask, masked = written[:CODE_BYTES], written[CODE_BYTES:]
    if len(masked) != CODE_BYTES or not hmac.compare_digest(_masked(masked, mask), _code(secret)):
        raise CsrfRefused


def require_same_origin(connection: Connection) -> None:
    """Raises `CsrfRefused` for what a browser sends on behalf of another site.

    By ``Sec-Fetch-Site``, which no page can set, or else by ``Origin``; a client
    that sends neither is no browser of this decade.
    """
    fetched_from, origin = connection.headers.get("sec-fetch-site"), connection.headers.get("origin")
    if fetched_from is not None:
        if fetched_from not in {"same-origin", "none"}:
            raise CsrfRefused
    elif origin is not None and urlsplit(origin).netloc != connection.headers.get("host"):
        raise CsrfRefused


def _code(secret: str) -> bytes:
    return hmac.digest(secret.encode(), b"csrf", "sha256")


def _masked(code: bytes, mask: bytes) -> bytes:
    return bytes(left ^ right for left, right in zip(code, mask, strict=True))
