"""Letters over SMTP: with and without TLS, to servers that are well and to others."""

import socket
from typing import Any
from urllib.parse import quote
from uuid import UUID

import msgspec
import pytest

from adapters.mail.smtp import SmtpPost, smtp_server
from application.mailing import Letter, NotTaken
from tests.support.facts import NOON
from tests.support.mail_server import PASSWORD, USER, MailServer, certificate, mail_server

pytestmark = pytest.mark.anyio

LETTER = Letter(
    mail_id=UUID(int=7),
    to="doerte@bücher.example",
    subject="Grüße",
    text="Ein Satz.\n",
    html="<!doctype html><title>Grüße</title>",
)
KNOWN = f"{USER}:{quote(PASSWORD, safe='')}@"


def post_to(server: MailServer, *, scheme: str = "smtp", user: str = "", host: str = "127.0.0.1", tls=None) -> SmtpPost:
    url = f"{scheme}://{user}{host}:{server.port}"
    sender = "Playhead <no-reply@example.org>"
    return SmtpPost(url, sender=sender, public_url="https://playhead.example", clock=lambda: NOON, tls=tls)


async def test_a_letter_arrives_as_it_was_written():
    async with mail_server() as server:
        await post_to(server).deliver(LETTER)
    [arrived] = server.arrived
    assert str(arrived["To"]) == "doerte@xn--bcher-kva.example"
    assert str(arrived["From"]) == "Playhead <no-reply@example.org>"
    assert str(arrived["Subject"]) == "Grüße"
    assert str(arrived["Auto-Submitted"]) == "auto-generated"
    assert arrived["Date"].datetime == NOON
    plain, page = arrived.get_body(("plain",)), arrived.get_body(("html",))
    assert plain
    assert plain.get_content().replace("\r\n", "\n") == LETTER.text
    assert page
    assert "Grüße" in page.get_content()


async def test_the_message_id_is_the_same_at_every_attempt():
    async with mail_server() as server:
        await post_to(server).deliver(LETTER)
        await post_to(server).deliver(LETTER)
    assert server.ids() == [f"<{LETTER.mail_id}@playhead.example>"] * 2


async def test_a_server_that_asks_for_a_password_gets_it():
    async with mail_server(auth=True) as server:
        await post_to(server, user=KNOWN).deliver(LETTER)
    assert len(server.arrived) == 1


async def test_a_password_that_is_not_known_is_our_fault_and_not_the_letters():
    async with mail_server(auth=True) as server:
        with pytest.raises(NotTaken) as caught:
            await post_to(server, user="nobody:wrong@").deliver(LETTER)
    assert not caught.value.permanent
    assert "535" in caught.value.reason


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
async def test_tls_is_used_by_upgrade_or_from_the_first_byte(scheme, tmp_path):
    ours, theirs = certificate(tmp_path)
    given: dict[str, Any] = {"starttls": ours} if scheme == "smtp" else {"tls": ours}
    async with mail_server(auth=True, **given) as server:
        await post_to(server, scheme=scheme, user=KNOWN, host="localhost", tls=theirs).deliver(LETTER)
    assert len(server.arrived) == 1


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
async def test_a_server_with_a_certificate_that_nobody_vouches_for_gets_nothing(scheme, tmp_path):
    ours, _ = certificate(tmp_path)
    given: dict[str, Any] = {"starttls": ours} if scheme == "smtp" else {"tls": ours}
    async with mail_server(**given) as server:
        with pytest.raises(NotTaken) as caught:
            await post_to(server, scheme=scheme, host="localhost").deliver(LETTER)
    assert server.arrived == []
    assert not caught.value.permanent


def test_a_password_is_not_sent_in_clear_beyond_this_machine():
    assert smtp_server("smtp://user:secret@mail.example.org").starttls is True
    assert smtp_server("smtps://user:secret@mail.example.org").tls
    assert smtp_server("smtp://user:secret@127.0.0.1:25").starttls is None


@pytest.mark.parametrize(
    ("url", "port"), [("smtp://a.example", 587), ("smtps://a.example", 465), ("smtp://a.example:25", 25)]
)
def test_the_port_is_that_of_the_scheme_unless_given(url, port):
    assert smtp_server(url).port == port


@pytest.mark.parametrize(
    ("answers", "permanent", "reason"),
    [
        ({"recipient": "550 5.1.1 doerte@example.org: no such user"}, True, "recipient refused: 550"),
        ({"recipient": "451 4.3.0 come later"}, False, "recipient refused: 451"),
        ({"letter": "554 5.7.1 not wanted"}, True, "letter refused: 554"),
        ({"letter": "452 4.3.1 the disk is full"}, False, "letter refused: 452"),
        ({"letter": "die"}, False, "the server hung up"),
        ({"recipient": "die"}, False, "the server hung up"),
        ({"letter": "hang"}, False, "no answer in time"),
        ({"recipient": "hang"}, False, "no answer in time"),
    ],
)
async def test_what_a_server_says_decides_whether_to_try_again(answers, permanent, reason, monkeypatch):
    monkeypatch.setattr("adapters.mail.smtp.STEP_SECONDS", 0.3)
    async with mail_server() as server:
        for name, reply in answers.items():
            setattr(server, name, reply)
        with pytest.raises(NotTaken) as caught:
            await post_to(server).deliver(LETTER)
    assert (caught.value.permanent, caught.value.reason) == (permanent, reason)
    assert "example.org" not in caught.value.reason


async def test_a_server_that_takes_its_time_over_every_step_is_given_up(monkeypatch):
    monkeypatch.setattr("adapters.mail.smtp.LETTER_SECONDS", 0.3)
    async with mail_server() as server:
        server.letter = "hang"
        with pytest.raises(NotTaken, match="no answer in time"):
            await post_to(server).deliver(LETTER)


async def test_a_server_that_is_not_there_may_be_tomorrow():
    with socket.create_server(("127.0.0.1", 0)) as closing:
        server = MailServer()
        server.port = closing.getsockname()[1]
    with pytest.raises(NotTaken) as caught:
        await post_to(server).deliver(LETTER)
    assert not caught.value.permanent


async def test_an_address_beyond_ascii_needs_a_server_that_knows_such():
    letter = msgspec.structs.replace(LETTER, to="dörte@example.org")
    async with mail_server() as server:
        await post_to(server).deliver(letter)
        [arrived] = server.arrived
        assert str(arrived["To"]) == letter.to
    async with mail_server(utf8=False) as server:
        with pytest.raises(NotTaken) as caught:
            await post_to(server).deliver(letter)
    assert caught.value.permanent


@pytest.mark.parametrize("to", ["a\r\nBcc: b@example.org", "a@example.org\nX: y", "nobody"])
async def test_what_is_no_address_is_refused_and_smuggles_nothing(to):
    async with mail_server() as server:
        with pytest.raises(NotTaken) as caught:
            await post_to(server).deliver(msgspec.structs.replace(LETTER, to=to))
    assert caught.value.permanent
    assert server.arrived == []
