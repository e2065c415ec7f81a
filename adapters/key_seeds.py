"""`KeySeeds`: keys that a repeated call gets again, although they are kept nowhere."""

import hmac
from uuid import UUID

from adapters.derived_keys import derived_key
from application.actor import Once

ID_BYTES = 16
VERSION_8 = 8 << 76
VARIANT = 0b10 << 62
ID_MASK = (1 << 128) - 1 ^ (0xF << 76) ^ (0b11 << 62)


class DerivedKeySeeds:
    """By HMAC-SHA256 of the call under a key derived from the master key."""

    def __init__(self, master_key: str) -> None:
        self._key = derived_key(master_key, "api-keys")

    def seed(self, once: Once) -> tuple[UUID, bytes]:
        """See `KeySeeds`; the id is a UUIDv8 (RFC 9562, 5.8)."""
        asked = once.key + once.digest
        code = hmac.digest(self._key, b"id/" + asked, "sha256")
        key_id = UUID(int=int.from_bytes(code[:ID_BYTES]) & ID_MASK | VERSION_8 | VARIANT)
        return key_id, hmac.digest(self._key, b"secret/" + asked, "sha256")
