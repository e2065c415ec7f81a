"""The tokens in links that are mailed: they prove that somebody reads the mail of an address."""

from enum import StrEnum
from typing import Protocol
from uuid import UUID

import msgspec


class LinkPurpose(StrEnum):
    """What a link is for; one for another purpose opens nothing."""

    VERIFICATION = "verification"
    PASSWORD_RESET = "password_reset"  # noqa: S105 # the name of a purpose, and no secret


class LinkClaim(msgspec.Struct, frozen=True):
    """Whose link it is, and which request of theirs it answers."""

    user_id: UUID
    request_id: UUID


class LinkTokens(Protocol):
    """Makes and reads tokens, which are stored nowhere: the same request has the same token, at any time."""

    def token(self, purpose: LinkPurpose, claim: LinkClaim) -> str:
        """The token, fit for a URL."""
        ...

    def claim(self, purpose: LinkPurpose, token: str) -> LinkClaim | None:
        """What the token proves; None if we have not made it for this purpose.

        Whether the link still works is for `domain.identity.account` to say.
        """
        ...
