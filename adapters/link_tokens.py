"""`LinkTokens` as message authentication codes: what a link proves is written in it."""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from uuid import UUID

from adapters.derived_keys import derived_key
from application.identity.link_tokens import LinkClaim, LinkPurpose

ID_BYTES = 16


class MacLinkTokens:
    """Tokens of 64 bytes in URL-safe Base64: user, request, HMAC-SHA256 over the purpose and both."""

    def __init__(self, master_key: str) -> None:
        self._key = derived_key(master_key, "link-tokens")

    def token(self, purpose: LinkPurpose, claim: LinkClaim) -> str:
        """See `LinkTokens`."""
        said = claim.user_id.bytes + claim.request_id.bytes
        return urlsafe_b64encode(said + self._code(purpose, said)).rstrip(b"=").decode()

    def claim(self, purpose: LinkPurpose, token: str) -> LinkClaim | None:
        """See `LinkTokens`."""
        try:
            written = urlsafe_b64decode(token + "=" * (-len(token) % 4))
        except ValueError:
            return None
        said, code = written[: 2 * ID_BYTES], written[2 * ID_BYTES :]
        if not hmac.compare_digest(code, self._code(purpose, said)):
            return None
        return LinkClaim(UUID(bytes=said[:ID_BYTES]), UUID(bytes=said[ID_BYTES:]))

    def _code(self, purpose: LinkPurpose, said: bytes) -> bytes:
        return hmac.digest(self._key, purpose.encode() + b"/" + said, "sha256")
