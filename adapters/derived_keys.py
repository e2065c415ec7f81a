"""Keys for single purposes, all of them derived from the master key."""

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32


def derived_key(master_key: str, purpose: str) -> bytes:
    """The key for ``purpose``: 32 bytes, by HKDF-SHA256 (RFC 5869); tells nothing of the keys for others.

    ``purpose`` never changes: what was made with its key would be lost.
    """
    derivation = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=f"playhead/{purpose}".encode())
    return derivation.derive(bytes.fromhex(master_key))
