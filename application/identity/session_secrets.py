"""The secrets that prove a session: 256 random bits each, seen once, kept as digests."""

import hashlib
import secrets
from base64 import b32encode
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from application.identity.vault import Purpose, Secret
from domain.identity.session import SessionKind

SECRET_BYTES = 32
PREFIXES = {Purpose.BROWSER: "ps", Purpose.ACCESS: "pa", Purpose.REFRESH: "pr"}
"""What a secret begins with, so that people, scanners of leaked secrets and we can tell what it is."""

ACCESS_LASTS = timedelta(minutes=15)
REFRESH_LASTS = timedelta(days=30)
BROWSER_IDLES = timedelta(days=14)
BROWSER_LASTS = timedelta(days=90)
TOKENS_LAST = timedelta(days=365)
"""However often they are refreshed."""


class Expiries(NamedTuple):
    """When a session ends by itself, and its secrets."""

    idle_at: datetime
    expires_at: datetime
    access_at: datetime

    @classmethod
    def of(cls, kind: SessionKind, now: datetime) -> "Expiries":
        """Those of a session that is begun or used now."""
        if kind is SessionKind.BROWSER:
            return cls(now + BROWSER_IDLES, now + BROWSER_LASTS, now + BROWSER_LASTS)
        return cls(now + REFRESH_LASTS, now + TOKENS_LAST, now + ACCESS_LASTS)

    def within(self, expires_at: datetime) -> "Expiries":
        """The same, but none later than the end of a session that was begun before."""
        return Expiries(*(min(each, expires_at) for each in self))


class IssuedSecret(NamedTuple):
    """A secret as its owner sees it, this once."""

    purpose: Purpose
    text: str
    expires_at: datetime

    def __repr__(self) -> str:
        return f"IssuedSecret({self.purpose}, until {self.expires_at})"


class IssuedSecrets(NamedTuple):
    """``proof`` goes with every request; ``refresh`` gets the next one, where there is one."""

    proof: IssuedSecret
    refresh: IssuedSecret | None = None

    def kept(self) -> Sequence[Secret]:
        """What is kept of them."""
        return [
            Secret(digest=_digest(each.text), purpose=each.purpose, expires_at=each.expires_at)
            for each in (self.proof, self.refresh)
            if each is not None
        ]


def issue_secrets(kind: SessionKind, expiries: Expiries) -> IssuedSecrets:
    """New secrets for a session of this kind."""
    if kind is SessionKind.BROWSER:
        return IssuedSecrets(_new(Purpose.BROWSER, expiries.expires_at))
    return IssuedSecrets(_new(Purpose.ACCESS, expiries.access_at), _new(Purpose.REFRESH, expiries.idle_at))


def digest_of(text: str, purpose: Purpose) -> bytes | None:
    """The digest that a secret is found by; None for what is none of this purpose."""
    prefix, _, secret = text.partition("_")
    return _digest(text) if prefix == PREFIXES[purpose] and secret else None


def _new(purpose: Purpose, expires_at: datetime) -> IssuedSecret:
    written = b32encode(secrets.token_bytes(SECRET_BYTES)).decode().rstrip("=").lower()
    return IssuedSecret(purpose, f"{PREFIXES[purpose]}_{written}", expires_at)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
