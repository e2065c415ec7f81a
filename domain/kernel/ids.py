"""Identifiers: time-ordered ones for new facts, derived ones for what is named elsewhere."""

import os
from datetime import datetime
from uuid import UUID, uuid5

DERIVED = UUID("6a1fbd0e-8d5c-5c8e-9d52-0a1e6c1f4d11")
"""Namespace of `derived`; part of the stored history, so it never changes."""

LOW_62_BITS = (1 << 62) - 1


def uuid7(at: datetime) -> UUID:
    """A new UUIDv7 of the moment ``at``: 48 bits of Unix milliseconds, then 74 random bits (RFC 9562, 5.7)."""
    milliseconds = int(at.timestamp() * 1000) & 0xFFFF_FFFF_FFFF
    random = int.from_bytes(os.urandom(10))
    return UUID(int=milliseconds << 80 | 0x7 << 76 | (random >> 68) << 64 | 0b10 << 62 | random & LOW_62_BITS)


def derived(name: str, of: UUID) -> UUID:
    """The id that ``name`` has for ``of``: the same for the same arguments, always.

    Gives an event an id when what is reported names only its subject (an
    imported user, say), so that reporting it again is a duplicate.
    """
    return uuid5(DERIVED, f"{name}/{of}")
