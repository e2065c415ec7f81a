"""``ETag``, ``If-None-Match`` and ``If-Match`` (RFC 9110, 8.8.3 and 13): versions of things, as HTTP says them.

A tag is ``"<version>"``, or ``"<version>-<rest>"`` where an answer shows more
than the thing itself, as counts that change without it.  A query compares whole
tags; a command looks at the version alone.
"""

import hashlib
import re
from typing import Any, TypeVar, cast

import msgspec
from litestar import Request, Response

from domain.kernel.errors import Invalid

T = TypeVar("T")

OURS = re.compile(r'"([0-9]{1,18})(?:-[0-9a-f]+)?"', re.ASCII)
TAGS = re.compile(r'(?:W/)?("[\x21\x23-\x7e\x80-\xff]*")')
ANY = "*"
NOT_MODIFIED = 304
REST_BYTES = 8


class IfMatchInvalid(Invalid):
    """Not a tag of this API's."""

    code = "if_match_invalid"


def etag(version: int, rest: object = None) -> str:
    """The tag of a thing; ``rest`` is what the answer shows besides, and makes the tag another one when it changes."""
    if rest is None:
        return f'"{version}"'
    digest = hashlib.blake2b(msgspec.msgpack.encode(rest), digest_size=REST_BYTES).hexdigest()
    return f'"{version}-{digest}"'


def tagged(request: Request[Any, Any, Any], shown: T, version: int, rest: object = None) -> Response[T]:
    """``shown`` with its tag, or 304 if that is what the caller has: how a query answers with one thing."""
    tag = etag(version, rest)
    if holds(request.headers.get("if-none-match"), tag):
        return Response(cast("T", None), status_code=NOT_MODIFIED, headers={"ETag": tag})
    return Response(shown, headers={"ETag": tag})


def holds(if_none_match: str | None, tag: str) -> bool:
    """Whether the caller's ``If-None-Match`` names ``tag``; weak tags count, as the standard has it for queries."""
    if if_none_match is None:
        return False
    return if_none_match.strip() == ANY or tag in TAGS.findall(if_none_match)


def expected_version(if_match: str | None) -> int | None:
    """The version that a command is meant for; None for any.  Raises `IfMatchInvalid`.

    ``*`` asks that the thing is there, and those commands that need one refuse
    without it anyway.
    """
    if if_match is None or if_match.strip() == ANY:
        return None
    if (tag := OURS.fullmatch(if_match.strip())) is None:
        raise IfMatchInvalid("use one ETag as it was answered, or *", field="If-Match")
    return int(tag[1])
