"""``/api/users``."""

from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post, put
from litestar.params import FromPath, JSONBody

from api.conventions.auth import ApiRequest
from api.conventions.preconditions import tagged
from api.conventions.problems import problems
from api.conventions.receipts import Accepted, answered
from api.parts import Part
from application.identity.users import Identity, UserAttributes
from application.ports import Clock
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

    @get("/{user_id:uuid}", operation_id="GetUser", summary="Get a user", responses=problems(304, 403, 404))
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
