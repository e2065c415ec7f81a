"""``/api/users`` and ``/api/api-keys``."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Response, delete, get, post, put
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from api.auth import ApiRequest
from api.parts import Part
from api.preconditions import tagged
from api.problems import problems
from api.receipts import Accepted, answered
from application.identity import Identity, IssueApiKey, UserAttributes
from application.ports import Clock
from domain.identity.api_key import Scope
from domain.identity.user import Attributes
from domain.kernel.ids import uuid7
from domain.kernel.personal import Erased


class NewUser(UserAttributes, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A user; an ``id`` of the caller's choice makes the call repeatable."""

    id: UUID | None = None


class ShownUser(msgspec.Struct, frozen=True):
    """A user; ``attributes`` has the kind ``erased`` once the user asked to be forgotten."""

    id: UUID
    attributes: Attributes | Erased


class NewApiKey(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A key; ``user_id`` goes with scope ``user`` and with no other."""

    scope: Scope
    label: Annotated[str, Meta(min_length=1, max_length=128)]
    user_id: UUID | None = None
    expires_at: Annotated[datetime, Meta(tz=True)] | None = None


class ShownApiKey(msgspec.Struct, frozen=True):
    """A key; this is the only time that ``key`` is shown."""

    id: UUID
    key: str
    position: int


class Users(Controller):
    """Users, by those who may act for them."""

    path = "/users"
    tags = ("identity",)

    @post(operation_id="RegisterUser", summary="Register a user", responses=problems(403, 409, 413))
    async def register_user(
        self, request: ApiRequest, data: JSONBody[NewUser], identity: Part[Identity], clock: Part[Clock]
    ) -> Response[Accepted]:
        """Let a user exist.  Registering an `id` again changes nothing, whatever the attributes."""
        receipt = await identity.register_user(data.id or uuid7(clock()), data, request.user)
        return answered(receipt, location="/api/users")

    @get("/{user_id:uuid}", operation_id="GetUser", summary="Get a user", responses=problems(403, 404))
    async def get_user(
        self, request: ApiRequest, user_id: FromPath[UUID], identity: Part[Identity]
    ) -> Response[ShownUser]:
        """What is known of a user, as of now."""
        user, version = await identity.user_seen(user_id, request.user)
        return tagged(request, ShownUser(user_id, user.attributes), version)

    @put(
        "/{user_id:uuid}",
        operation_id="ChangeUser",
        summary="Change a user",
        responses=problems(403, 404, 409, 412, 413),
    )
    async def change_user(
        self, request: ApiRequest, user_id: FromPath[UUID], data: JSONBody[UserAttributes], identity: Part[Identity]
    ) -> Response[Accepted]:
        """Replace all that is known of a user."""
        return answered(await identity.change_user(user_id, data, request.user))


class ApiKeys(Controller):
    """Keys, by admins."""

    path = "/api-keys"
    tags = ("identity",)

    @post(operation_id="IssueApiKey", summary="Issue an API key", responses=problems(403, 413))
    async def issue_api_key(
        self, request: ApiRequest, data: JSONBody[NewApiKey], identity: Part[Identity]
    ) -> ShownApiKey:
        """Make a key and show it, this once.  Every call makes another."""
        command = IssueApiKey(scope=data.scope, label=data.label, user_id=data.user_id, expires_at=data.expires_at)
        issued = await identity.issue_api_key(command, request.user)
        return ShownApiKey(issued.key_id, issued.key, issued.position)

    @delete(
        "/{key_id:uuid}",
        status_code=200,
        operation_id="RevokeApiKey",
        summary="Revoke an API key",
        responses=problems(403, 404, 409, 412),
    )
    async def revoke_api_key(
        self, request: ApiRequest, key_id: FromPath[UUID], identity: Part[Identity]
    ) -> Response[Accepted]:
        """Close a key for good.  It may go on opening doors for two seconds at most."""
        return answered(await identity.revoke_api_key(key_id, request.user))
