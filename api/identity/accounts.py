"""``/api/accounts``, ``/api/password-resets`` and ``/api/passwords``; roles, at ``/api/users/{id}/roles``."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Response, delete, get, post, put
from litestar.params import FromPath, JSONBody
from msgspec import Meta
from msgspec.structs import replace

from api.conventions.auth import ApiRequest, VisitorRequest, call_of
from api.conventions.bearers import Bearers
from api.conventions.preconditions import tagged
from api.conventions.problems import problems
from api.conventions.rate_limits import client_address
from api.conventions.receipts import Accepted, accepted, answered
from api.parts import Part
from application.identity.accounts import Accounts
from application.identity.registration import Registration, Registrations
from application.identity.roles import Roles
from application.repository import Receipt
from domain.identity.account_events import Role

Email = Annotated[str, Meta(min_length=3, max_length=254)]
Password = Annotated[str, Meta(min_length=1, max_length=256)]
Token = Annotated[str, Meta(min_length=1, max_length=256)]


class MailPromised(msgspec.Struct, frozen=True):
    """What everybody is told, whether there is such an account or not."""

    detail: str = "If this address can have a mail about this, it is on its way."


class AddressGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The address of an account, if there is one."""

    email: Email


class LinkFollowed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The token of a link that was mailed, and the password that was chosen with the registration."""

    token: Token
    password: Password


class PasswordChosen(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The token of a link that was mailed, and the password that is to count from now on."""

    token: Token
    password: Password


class PasswordReplaced(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The password so far, and the one that is to count from now on."""

    present: Password
    password: Password


class ShownAccount(msgspec.Struct, frozen=True, kw_only=True):
    """An account; ``email`` is null once its user was erased, ``roles`` what it is beside a user."""

    id: UUID
    email: str | None
    verified: bool
    roles: Sequence[Role]


class NewAccounts(Controller):
    """Accounts, for visitors: whoever reads the mail of an address can have one."""

    path = "/accounts"
    tags = ("accounts",)

    @post(status_code=202, operation_id="Register", summary="Open an account", responses=problems(413, 429))
    async def register(
        self, request: VisitorRequest, data: JSONBody[Registration], registrations: Part[Registrations]
    ) -> MailPromised:
        """Ask for an account; a mail brings a link to `POST /api/accounts/verification`.

        The answer and its time are the same for an address that has an account: then a mail tells its owner.
        """
        await registrations.register(data, client=client_address(request.scope), call=call_of(request))
        return MailPromised()

    @post(
        "/verification",
        status_code=200,
        operation_id="VerifyEmail",
        summary="Prove an address",
        responses=problems(409, 413, 429),
    )
    async def verify(
        self, request: VisitorRequest, data: JSONBody[LinkFollowed], registrations: Part[Registrations]
    ) -> Accepted:
        """Take the word of the link that was mailed, from who knows the password.  Repeating it changes nothing."""
        user_id, receipt = await registrations.verify(data.token, data.password, call_of(request))
        return accepted(replace(receipt, stream_id=user_id))

    @post(
        "/verification-requests",
        status_code=202,
        operation_id="AskForVerification",
        summary="Ask for another link",
        responses=problems(413, 429),
    )
    async def ask_verification(
        self, request: VisitorRequest, data: JSONBody[AddressGiven], registrations: Part[Registrations]
    ) -> MailPromised:
        """Have the link mailed again that proves the address; earlier ones work no more."""
        await registrations.ask_verification(data.email, client=client_address(request.scope), call=call_of(request))
        return MailPromised()


class PasswordResets(Controller):
    """Passwords that were forgotten."""

    path = "/"
    tags = ("accounts",)

    @post(
        "/password-resets",
        status_code=202,
        operation_id="AskForPasswordReset",
        summary="Ask for a password reset",
        responses=problems(413, 429),
    )
    async def ask_reset(
        self, request: VisitorRequest, data: JSONBody[AddressGiven], accounts: Part[Accounts]
    ) -> MailPromised:
        """Have a link mailed that lets choose a new password; it works once, for an hour."""
        await accounts.ask_reset(data.email, client=client_address(request.scope), call=call_of(request))
        return MailPromised()

    @post(
        "/passwords",
        status_code=200,
        operation_id="ResetPassword",
        summary="Choose a new password by a link",
        responses=problems(409, 413, 429),
    )
    async def reset_password(
        self, request: VisitorRequest, data: JSONBody[PasswordChosen], accounts: Part[Accounts], bearers: Part[Bearers]
    ) -> Accepted:
        """Choose a new password by the link that was mailed, and sign out everywhere."""
        user_id, receipt = await accounts.reset_password(data.token, data.password, call_of(request))
        bearers.forget_user(user_id)
        return accepted(replace(receipt, stream_id=user_id))


class OwnAccount(Controller):
    """The account of whoever asks."""

    path = "/accounts/me"
    tags = ("accounts",)

    @get(operation_id="GetOwnAccount", summary="Get your account", responses=problems(304, 403, 404))
    async def get_account(self, request: ApiRequest, accounts: Part[Accounts]) -> Response[ShownAccount]:
        """The account of whoever asks, as of now."""
        account, version = await accounts.account(request.user.themself, request.user)
        shown = ShownAccount(
            id=account.user_id,
            email=account.address,
            verified=account.verified,
            roles=sorted(account.roles),
        )
        return tagged(request, shown, version)

    @put(
        "/password",
        operation_id="ChangePassword",
        summary="Change your password",
        responses=problems(403, 404, 409, 412, 413, 429),
    )
    async def change_password(
        self, request: ApiRequest, data: JSONBody[PasswordReplaced], accounts: Part[Accounts], bearers: Part[Bearers]
    ) -> Response[Accepted]:
        """Choose another password, and sign out everywhere else."""
        receipt = await accounts.change_password(data.present, data.password, request.user)
        return _changed(receipt, request.user.themself, bearers)

    @put(
        "/roles/{role:str}",
        operation_id="TakeRole",
        summary="Take a role",
        responses=problems(403, 404, 409, 412),
    )
    async def take_role(
        self, request: ApiRequest, role: FromPath[Role], roles: Part[Roles], bearers: Part[Bearers]
    ) -> Response[Accepted]:
        """Be a creator from now on; other roles are given by admins."""
        user_id = request.user.themself
        return _changed(await roles.grant(user_id, role, request.user), user_id, bearers)


class UserRoles(Controller):
    """The roles of users."""

    path = "/users/{user_id:uuid}/roles/{role:str}"
    tags = ("accounts",)

    @put(operation_id="GrantRole", summary="Grant a role", responses=problems(403, 404, 409, 412))
    async def grant_role(
        self,
        request: ApiRequest,
        user_id: FromPath[UUID],
        role: FromPath[Role],
        roles: Part[Roles],
        bearers: Part[Bearers],
    ) -> Response[Accepted]:
        """Let a user be this too: creators by themselves, others by admins.  Open sessions have it at once."""
        return _changed(await roles.grant(user_id, role, request.user), user_id, bearers)

    @delete(status_code=200, operation_id="RevokeRole", summary="Revoke a role", responses=problems(403, 404, 409, 412))
    async def revoke_role(
        self,
        request: ApiRequest,
        user_id: FromPath[UUID],
        role: FromPath[Role],
        roles: Part[Roles],
        bearers: Part[Bearers],
    ) -> Response[Accepted]:
        """Let a user be this no more; their sessions may act on it for two seconds at most."""
        return _changed(await roles.revoke(user_id, role, request.user), user_id, bearers)


def _changed(receipt: Receipt, user_id: UUID, bearers: Bearers) -> Response[Accepted]:
    bearers.forget_user(user_id)
    return answered(replace(receipt, stream_id=user_id))
