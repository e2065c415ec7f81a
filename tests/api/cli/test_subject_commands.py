"""``playhead subject`` and ``playhead mails``, as operators run them."""

import asyncio
import json
from uuid import uuid4

import pytest

from adapters.composition import compose
from application.identity.users import UserAttributes
from tests.support.accounts import AccountHolder
from tests.support.site import OPERATOR
from tests.support.subjects import take_in


@pytest.fixture
def user_id(command_line, settings) -> str:
    """Somebody registered, with an account and a mail that waits."""

    async def registered() -> str:
        async with compose(settings) as system:
            holder = AccountHolder(system, "ann@example.org")
            await holder.register()
            await system.identity.register_user(holder.user_id, UserAttributes(name="Ann Zyxwel"), OPERATOR)
            await take_in(system)
            return str(holder.user_id)

    return asyncio.run(registered())


def test_an_export_is_one_json_document_on_standard_output(command_line, user_id):
    ran = command_line.run("subject", "export", user_id)
    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout)
    assert told["user"] == [{"kind": "known", "name": "Ann Zyxwel"}]
    assert told["account"][0]["email"] == "ann@example.org"
    assert "bytes" in ran.stderr


def test_a_reader_who_has_had_enough_is_no_error(command_line, user_id):
    with command_line.start("subject", "export", user_id) as running:
        running.stdout.close()
        said = running.stderr.read()
    assert b"Error" not in said


def test_an_erasure_asks_for_the_id_and_takes_no_other(command_line, user_id):
    refused = command_line.run("subject", "erase", user_id, stdin=f"{uuid4()}\n".encode())
    assert refused.returncode == 1
    assert "nothing was erased" in refused.stderr
    assert json.loads(command_line.run("subject", "export", user_id).stdout)["erased"] is False
    done = command_line.run("subject", "erase", user_id, stdin=f"{user_id}\n".encode())
    assert done.returncode == 0, done.stderr
    assert f"erased {user_id}" in done.stdout
    told = json.loads(command_line.run("subject", "export", user_id).stdout)
    assert (told["erased"], told["user"]) == (True, [{"kind": "erased"}])
    assert "Zyxwel" not in json.dumps(told)


def test_scripts_are_not_asked_and_may_erase_again(command_line, user_id):
    first, again = (command_line.run("subject", "erase", user_id, "--yes") for _ in range(2))
    assert first.returncode == again.returncode == 0
    assert first.stdout == again.stdout


def test_mails_are_listed_without_addresses_and_tried_again_by_id(command_line, user_id):
    listed = command_line.run("mails", "list", "--json")
    [mail] = json.loads(listed.stdout)
    assert (mail["kind"], mail["state"], mail["user_id"]) == ("verification", "waiting", user_id)
    table = command_line.run("mails", "list", "--state", "waiting")
    assert mail["mail_id"] in table.stdout
    assert "ann@example.org" not in listed.stdout + table.stdout
    assert command_line.run("mails", "list", "--state", "failed", "--json").stdout.strip() == "[]"
    tried = command_line.run("mails", "retry", mail["mail_id"])
    assert (tried.returncode, tried.stdout) == (0, f"mail {mail['mail_id']} is due now\n")
    unknown = command_line.run("mails", "retry", str(uuid4()))
    assert unknown.returncode == 1
    assert "no such mail" in unknown.stderr
