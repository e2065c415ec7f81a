"""Every bad input that the conventions speak of, sent to every route that is documented."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import uuid4

import httpx
import msgspec

from domain.identity.api_key import Scope
from tests.support.site import Site

METHODS = ("get", "put", "post", "delete", "patch")
JSON = {"Content-Type": "application/json"}
UNKNOWN_KEY = {"Authorization": f"Bearer ph_{'0' * 32}_{'a' * 52}"}
PUBLIC = {"GetCreator", "ListVideosOfCreator"}
"""What everybody with a key may see, whosever it is."""

OF_ANYBODY = {"ExportSubject", "EraseSubject", "ListVideosOfCreator"}
"""Of somebody who is not there, there is nothing to show and nothing to erase, and that is an answer."""


class Route(msgspec.Struct, frozen=True):
    """One operation of the document, as far as asking it goes."""

    path: str
    method: str
    id: str
    guarded: bool
    body: bytes | None
    parameters: Sequence[Mapping[str, Any]]
    statuses: frozenset[str]

    @property
    def by_id(self) -> bool:
        """Whether its path names one thing."""
        return any(each["schema"].get("format") == "uuid" for each in self._in("path"))

    @property
    def sent(self) -> dict[str, Any]:
        """A body as it should be, if it takes one, for `httpx`."""
        return {} if self.body is None else {"content": self.body, "headers": JSON}

    def filled(self, value: str | None = None, ids: Mapping[str, str] | None = None) -> str:
        """The path with an id for each parameter that is one."""
        path = self.path
        for each in self._in("path"):
            told = (ids or {}).get(each["name"], value or str(uuid4()))
            is_id = each["schema"].get("format") == "uuid"
            path = path.replace(f"{{{each['name']}}}", told if is_id else str(each["example"]))
        return path

    def bad_queries(self) -> Iterator[dict[str, Any]]:
        """For each parameter of the query, those values that its schema rules out."""
        needed = {each["name"]: each["example"] for each in self._in("query") if each.get("required")}
        for each in self._in("query"):
            for bad in _beyond(each["name"], each["schema"]):
                yield {**needed, each["name"]: bad}
        if needed:
            yield {}

    def _in(self, place: str) -> Sequence[Mapping[str, Any]]:
        return [each for each in self.parameters if each.get("in") == place]

    def heeds(self, header: str) -> bool:
        """Whether it is documented to look at a header, by the name of the component."""
        return any(each.get("$ref", "").endswith(f"/{header}") for each in self.parameters)


def routes(document: Mapping[str, Any]) -> Sequence[Route]:
    """The operations below ``/api``, by path."""
    return [
        Route(
            path=path,
            method=method.upper(),
            id=operation["operationId"],
            guarded="security" in operation,
            body=_example(operation),
            parameters=operation["parameters"],
            statuses=frozenset(operation["responses"]),
        )
        for path, item in sorted(document["paths"].items())
        for method, operation in item.items()
        if method in METHODS and path.startswith("/api/")
    ]


class BadInput(msgspec.Struct, frozen=True):
    """One way to ask wrongly, and what everybody is to answer: ``codes`` is empty where it depends on the thing."""

    name: str
    statuses: frozenset[int]
    codes: frozenset[str] = frozenset()


def _bad(name: str, status: int | set[int], *codes: str) -> BadInput:
    return BadInput(name, frozenset({status} if isinstance(status, int) else status), frozenset(codes))


NO_KEY = _bad("no credentials", 401, "unauthenticated")
WRONG_KEY = _bad("unknown key", 401, "unauthenticated")
STRANGER = _bad("another user's thing", {403, 404})
UNKNOWN_ID = _bad("unknown id", 404)
NO_ID = _bad("no id at all", 404, "route_not_found")
QUERY = _bad("query out of bounds", 422, "invalid", "cursor_invalid", "min_position_invalid")
CUT = _bad("JSON cut short", 400, "malformed_json")
EMPTY = _bad("empty body", 400, "malformed_json")
DEEP = _bad("nested 100,000 deep", 400, "malformed_json")
TWICE = _bad("a key twice", 400, "malformed_json")
UNKNOWN_FIELD = _bad("unknown field", 422, "invalid")
TEXT = _bad("text/plain", 415, "unsupported_media_type")
BROTLI = _bad("brotli", 415, "unsupported_content_encoding")
LARGE = _bad("2 MB", 413, "body_too_large")
METHOD = _bad("another method", 405, "method_not_allowed")
KEY = _bad("bad Idempotency-Key", 400, "idempotency_key_invalid")
TAG = _bad("bad If-Match", 400, "if_match_invalid")

BAD_INPUTS = (
    NO_KEY, WRONG_KEY, STRANGER, UNKNOWN_ID, NO_ID, QUERY, EMPTY, CUT, DEEP, TWICE, UNKNOWN_FIELD, TEXT, BROTLI,
    LARGE, METHOD, KEY, TAG,
)  # fmt: skip


class Asker:
    """Somebody who may do everything, somebody who may not, and what the first one has."""

    def __init__(self, site: Site, admin: httpx.AsyncClient, stranger: httpx.AsyncClient, ids: dict[str, str]) -> None:
        self._site = site
        self._admin = admin
        self._stranger = stranger
        self._ids = ids

    @classmethod
    async def of(cls, site: Site) -> "Asker":
        """With a user, a draft and a key that are not the stranger's."""
        admin, owner = await site.bearer(Scope.ADMIN), uuid4()
        stranger = await site.bearer(Scope.CREATOR, uuid4())
        draft = await admin.post("/api/videos", json={"creator_id": str(owner), "title": "a draft"})
        key = await admin.post("/api/api-keys", json={"scope": "user", "label": "hers", "user_id": str(owner)})
        await admin.post("/api/users", json={"id": str(owner), "name": "the owner"})
        ids = {"video_id": draft.json()["id"], "key_id": key.json()["id"], "user_id": str(owner)}
        return cls(site, admin, stranger, ids)

    async def answers(self, route: Route, bad: BadInput) -> Sequence[httpx.Response]:
        """What the route says to that; nothing if it cannot be asked so."""
        if bad in {NO_KEY, WRONG_KEY, STRANGER}:
            return await self._by_whom(route, bad)
        if bad in {UNKNOWN_ID, NO_ID, METHOD}:
            return await self._of_what(route, bad)
        if bad is QUERY:
            return [await self._client(route).get(route.filled(), params=query) for query in route.bad_queries()]
        return await self._how(route, bad)

    async def _by_whom(self, route: Route, bad: BadInput) -> Sequence[httpx.Response]:
        if bad is STRANGER:
            named = route.by_id and route.id not in PUBLIC
            path = route.filled(ids=self._ids)
            return [await self._stranger.request(route.method, path, **route.sent)] if named else []
        headers = UNKNOWN_KEY if bad is WRONG_KEY else {}
        visitor = self._site.client
        return [await visitor.request(route.method, route.filled(), headers=headers)] if route.guarded else []

    async def _of_what(self, route: Route, bad: BadInput) -> Sequence[httpx.Response]:
        client = self._client(route)
        if bad is METHOD:
            return [await client.request("PATCH", route.filled())]
        if not route.by_id or (bad is UNKNOWN_ID and route.id in OF_ANYBODY):
            return []
        return [await client.request(route.method, route.filled("17" if bad is NO_ID else None), **route.sent)]

    async def _how(self, route: Route, bad: BadInput) -> Sequence[httpx.Response]:
        content, headers = route.body, dict(JSON)
        if bad in BODIES and route.body is not None:
            content, headers = BODIES[bad](route.body)
        elif bad is KEY and route.heeds("IdempotencyKey"):
            headers["Idempotency-Key"] = "k" * 256
        elif bad is TAG and route.heeds("IfMatch"):
            headers["If-Match"] = "3"
        else:
            return []
        client = self._client(route)
        return [await client.request(route.method, route.filled(), content=content, headers=headers)]

    def _client(self, route: Route) -> httpx.AsyncClient:
        return self._admin if route.guarded else self._site.client


def _twice(body: bytes) -> bytes:
    sent = msgspec.json.decode(body)
    name = next(iter(sent))
    return b'{"%s": 1, ' % name.encode() + body[1:]


BODIES: Mapping[BadInput, Any] = {
    CUT: lambda body: (body[:-1], JSON),
    EMPTY: lambda _: (b"", {**JSON, "Transfer-Encoding": "chunked"}),
    DEEP: lambda _: (b"[" * 100_000, JSON),
    TWICE: lambda body: (_twice(body), JSON),
    UNKNOWN_FIELD: lambda body: (body[:-1] + b', "nobody_knows": 1}', JSON),
    TEXT: lambda body: (body, {"Content-Type": "text/plain;charset=UTF-8"}),
    BROTLI: lambda body: (body, {**JSON, "Content-Encoding": "br"}),
    LARGE: lambda _: (b" " * (2 << 20), JSON),
}


def _beyond(name: str, schema: Mapping[str, Any]) -> Iterator[Any]:
    if schema["type"] == "integer":
        yield from (schema["minimum"] - 1, schema["maximum"] + 1, "many", "", "1.5")
    elif schema["type"] == "array":
        yield from (["17"], [str(uuid4())] * (schema["maxItems"] + 1))
    elif schema.get("format") == "uuid":
        yield from ("17", "")
    elif "enum" in schema:
        yield "none of these"
    elif "maxLength" in schema:
        yield from ("", "x" * (schema["maxLength"] + 1))
    elif name in {"cursor", "min_position"}:
        yield from ("?", "\u20ac", "x" * 2000)
    else:
        raise AssertionError(f"what is out of bounds for {name}? {schema}")


def _example(operation: Mapping[str, Any]) -> bytes | None:
    if "requestBody" not in operation:
        return None
    [content] = operation["requestBody"]["content"].values()
    return msgspec.json.encode(content["example"])
