"""``playhead account``: how the first admin comes to be."""

import asyncio
from uuid import UUID, uuid4

from adapters.composition import compose
from application.actor import Call
from application.identity.registration import Registration
from domain.identity.api_key import Scope
from domain.identity.session import SessionKind
from tests.support.site import OPERATOR

PASSWORD = "a quiet harbour town"


async def signed_in(settings, email, password):
    async with compose(settings) as system:
        return await system.sessions.sign_in(email, password, SessionKind.TOKEN, client="here", call=Call(id=uuid4()))


async def opened(settings, email):
    async with compose(settings) as system:
        return await system.registrations.open_verified(Registration(email=email, password=PASSWORD), OPERATOR)


async def bearer(settings, secret):
    async with compose(settings) as system:
        return await system.sessions.bearer(secret)


def test_an_admin_is_made_by_whoever_runs_the_platform_and_signs_in_at_once(command_line, settings):
    email = f"{uuid4().hex}@example.org"
    made = command_line.run("account", "create", email, "--role", "admin", stdin=f"{PASSWORD}\n".encode())
    assert made.returncode == 0, made.stderr
    signed = asyncio.run(signed_in(settings, email, PASSWORD))
    assert (signed.scope, signed.session.user_id) == (Scope.ADMIN, UUID(made.stdout.strip()))


def test_an_account_that_is_there_keeps_its_password_and_gets_the_role(command_line, settings):
    email = f"{uuid4().hex}@example.org"
    user_id = asyncio.run(opened(settings, email))
    again = command_line.run("account", "create", email, "--role", "auditor", stdin=b"another harbour town")
    assert (again.returncode, again.stdout) == (0, f"{user_id}\n")
    assert "already" in again.stderr
    assert asyncio.run(signed_in(settings, email, PASSWORD)).scope is Scope.AUDITOR


def test_roles_come_and_go_and_sessions_end(command_line, settings):
    email = f"{uuid4().hex}@example.org"
    user_id = str(asyncio.run(opened(settings, email)))
    assert command_line.run("account", "grant", email, "creator").returncode == 0
    signed = asyncio.run(signed_in(settings, email, PASSWORD))
    assert signed.scope is Scope.CREATOR
    assert str(signed.session.session_id) in command_line.run("account", "sessions", user_id).stdout
    assert command_line.run("account", "sign-out", user_id).returncode == 0
    assert asyncio.run(bearer(settings, signed.secrets.proof.text)) is None
    assert command_line.run("account", "revoke", user_id, "creator").returncode == 0
    assert asyncio.run(signed_in(settings, email, PASSWORD)).scope is Scope.USER


def test_a_weak_password_and_an_unknown_address_are_refused_in_one_line(command_line):
    weak = command_line.run("account", "create", "ann@example.org", stdin=b"password12")
    unknown = command_line.run("account", "grant", f"{uuid4().hex}@example.org", "admin")
    for refused in (weak, unknown):
        assert (refused.returncode, refused.stdout) == (1, "")
        assert len(refused.stderr.splitlines()) == 1
