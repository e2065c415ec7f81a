"""Events of this context as they used to be written."""

from datetime import datetime
from uuid import UUID

from domain.identity.api_key import ApiKeyIssued, Scope
from domain.kernel.event import PastEvent


class ApiKeyIssuedInClear(PastEvent, frozen=True, kw_only=True, tag="identity.api_key_issued"):
    """A key was handed out, and its label recorded in clear: before users could write labels themselves."""

    scope: Scope
    digest: str
    label: str
    user_id: UUID | None = None
    expires_at: datetime | None = None

    def upcast(self) -> ApiKeyIssued:
        """The same, as it is recorded today."""
        return ApiKeyIssued(
            scope=self.scope, digest=self.digest, label=self.label, user_id=self.user_id, expires_at=self.expires_at
        )
