"""How often somebody may ask, and the headers that tell them (draft-ietf-httpapi-ratelimit-headers-11).

Who has shown who they are is counted by that: a user over all their keys and
sessions, a service by key.  Everybody else is counted by address, and so is
whoever shows what opens nothing.
"""

import hashlib
import time
from collections import OrderedDict
from collections.abc import Mapping
from ipaddress import IPv6Address, ip_address, ip_network
from math import ceil
from typing import TypeVar

import msgspec
from litestar.types import ASGIApp, HTTPScope, Receive, Scope, Send
from msgspec.structs import replace
from prometheus_client import Counter

from adapters.settings import Settings
from api.conventions.answer_headers import add_header, header
from api.conventions.problems import Unauthenticated
from application.actor import Actor
from application.limits import Limit, Limiter, TooMany, Verdict
from domain.identity.api_key import Scope as KeyScope

K = TypeVar("K")
V = TypeVar("V")

MINUTE = 60.0
READS = {"GET", "HEAD", "OPTIONS"}
REMEMBERED = 4096
NETWORK_OF_IPV6 = 64
"""Bits that tell IPv6 networks apart: whoever has one address has all that share them."""

LIMITED = Counter("playhead_rate_limited_total", "Requests turned away because there were too many.", ["limit"])


class Limits(msgspec.Struct, frozen=True):
    """What is allowed to whom; None is everything."""

    of_scope: Mapping[KeyScope, Limit | None]
    addresses: Limit | None
    failures: Limit | None


def limits_of(settings: Settings) -> Limits:
    """The limits in force."""
    staff, users = _a_minute("staff", settings.staff_per_minute), _a_minute("user", settings.user_per_minute)
    others = {KeyScope.SERVICE: _a_minute("service", settings.service_per_minute)}
    others |= dict.fromkeys((KeyScope.ADMIN, KeyScope.AUDITOR), staff)
    return Limits(
        {scope: others.get(scope, users) for scope in KeyScope},
        _a_minute("address", settings.address_per_minute),
        _a_minute("failures", settings.failures_per_minute),
    )


def client_address(scope: Scope) -> str:
    """Whom to count when nobody says who they are: an IPv4 address, or a network of IPv6."""
    client = scope["client"]
    try:
        address = ip_address(client[0] if client else "")
    except ValueError:  # of a local socket
        return "unknown"
    if isinstance(address, IPv6Address):
        mapped = address.ipv4_mapped
        return str(mapped or ip_network((address, NETWORK_OF_IPV6), strict=False))
    return str(address)


class RateLimits:
    """Counts every request of those who are let in; raises `TooMany`, and says on every answer how much is left.

    Stands inside of the authentication.
    """

    def __init__(self, app: ASGIApp, limits: Limits, limiter: Limiter) -> None:
        self._app = app
        self._limits = limits
        self._limiter = limiter

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count, then let the request go on."""
        if scope["type"] == "http":
            actor = actor_of(scope)
            limit = self._limits.of_scope[actor.scope] if actor else self._limits.addresses
            if limit is not None:
                subject = actor.id if actor else client_address(scope)
                verdict = await self._limiter.take(limit, subject, fail_open=scope["method"] in READS)
                tell(scope, verdict)
                if not verdict.allowed:
                    raise refused(verdict)
        await self._app(scope, receive, send)


class Failures:
    """Who has shown too often what opens nothing, in one application.

    Beyond the limit what an address shows is not even looked at, unless it has
    opened something here before: who shares an address with somebody who guesses
    is not shut out.
    """

    def __init__(self, limit: Limit, limiter: Limiter) -> None:
        self._limit = limit
        self._limiter = limiter
        self._refused: OrderedDict[str, tuple[float, Verdict]] = OrderedDict()
        self._good: OrderedDict[bytes, None] = OrderedDict()

    def admit(self, scope: HTTPScope) -> None:
        """Raises `TooMany` for an address that failed too often just now."""
        if not self._refused or (address := client_address(scope)) not in self._refused or _shown(scope) in self._good:
            return
        until, verdict = self._refused[address]
        if (left := until - time.monotonic()) <= 0:
            del self._refused[address]
            return
        verdict = replace(verdict, retry_after=left)
        tell(scope, verdict)
        raise refused(verdict)

    def trust(self, scope: HTTPScope) -> None:
        """Note that what the request shows has opened something."""
        if (shown := _shown(scope)) is not None:
            _remember(self._good, shown, None)

    async def count(self, scope: HTTPScope) -> None:
        """Count a failure.  Raises `TooMany`."""
        address = client_address(scope)
        verdict = await self._limiter.take(self._limit, address)
        tell(scope, verdict)
        if not verdict.allowed:
            _remember(self._refused, address, (time.monotonic() + verdict.retry_after, verdict))
            raise refused(verdict)


class FailureLimits:
    """Bounds how often an address may show what opens nothing; raises `TooMany`.

    Stands around the authentication.
    """

    def __init__(self, app: ASGIApp, failures: Failures) -> None:
        self._app = app
        self._failures = failures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request go on, and count it if it fails to say who asks."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        self._failures.admit(scope)
        try:
            await self._app(scope, receive, send)
        except Unauthenticated:
            await self._failures.count(scope)
            raise
        if actor_of(scope):
            self._failures.trust(scope)


def actor_of(scope: Scope) -> Actor | None:
    """Who asks; None for a visitor, and before anybody was asked."""
    found: object = scope["user"] if "user" in scope else None  # noqa: SIM401 # its `get` has no type
    return found if isinstance(found, Actor) else None


def tell(scope: Scope, verdict: Verdict) -> None:
    """Put what is left into the headers of the answer."""
    limit = verdict.limit
    wait = verdict.reset if verdict.allowed else verdict.retry_after
    add_header(scope, b"ratelimit-policy", f'"{limit.name}";q={limit.count};w={ceil(limit.seconds)}'.encode())
    add_header(scope, b"ratelimit", f'"{limit.name}";r={verdict.remaining};t={ceil(wait)}'.encode())


def refused(verdict: Verdict) -> TooMany:
    """The refusal, noted."""
    LIMITED.labels(verdict.limit.name).inc()
    return TooMany(verdict)


def _a_minute(name: str, count: int) -> Limit | None:
    return Limit(name, count, MINUTE) if count else None


def _shown(scope: HTTPScope) -> bytes | None:
    shown = header(scope, b"authorization") or header(scope, b"cookie")
    return None if shown is None else hashlib.blake2b(shown.encode(), digest_size=16).digest()


def _remember(memory: OrderedDict[K, V], key: K, value: V) -> None:
    memory[key] = value
    memory.move_to_end(key)
    while len(memory) > REMEMBERED:
        memory.popitem(last=False)
