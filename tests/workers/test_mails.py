"""Whenever an event promises a mail, it is sent: once, to the right person, with a link that opens something."""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest

from adapters.composition import System, compose, prepare, utc_now
from adapters.link_tokens import MacLinkTokens
from adapters.settings import Settings
from application.identity.link_tokens import LinkClaim, LinkPurpose
from application.mailing import LEASE, LONGEST_PAUSE, pause_after
from application.mails import PATIENCE, MailStanding, MailState, Promises
from domain.identity import account as accounts
from tests.support.accounts import AccountHolder
from tests.support.mail_server import MailServer, mail_server
from tests.support.site import settings_for
from tests.support.subjects import take_in
from tests.support.waiting import until, until_now
from tests.workers.test_processes import logged, stopped, worker
from workers.follow import catch_up
from workers.mails import keep_mails
from workers.projector import Projector

pytestmark = pytest.mark.anyio


class Hands:
    """A clock that stands where it is put."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self):
        return utc_now() + self.ahead


@pytest.fixture
async def server() -> AsyncIterator[MailServer]:
    async with mail_server() as server:
        yield server


@pytest.fixture
def settings(database, nats_url, redis_url, server, tmp_path) -> Settings:
    return settings_for(database, nats_url, redis_url, smtp_url=f"smtp://127.0.0.1:{server.port}", data=str(tmp_path))


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
async def system(settings: Settings, hands: Hands) -> AsyncIterator[System]:
    await prepare(settings)
    async with compose(settings, clock=hands) as system:
        yield system


async def keep_all(system: System) -> list[MailStanding]:
    """Take in what was promised and send what is due; what became of each."""
    await take_in(system)
    kept: list[MailStanding] = []
    while (mail := await system.mails.keep_one()) is not None:
        kept.append(mail)
    return kept


def link_in(message) -> tuple[str, str]:
    """The page and the token of the one link in a mail's text."""
    [link] = re.findall(r"http\S+\?token=\S+", message.get_body(("plain",)).get_content())
    parts = urlsplit(link)
    return parts.path, parse_qs(parts.query)["token"][0]


async def test_who_registers_is_mailed_a_link_that_proves_the_address(system, settings, server):
    ann = AccountHolder(system, "ann@example.org")
    request = await ann.register()
    [kept] = await keep_all(system)
    assert (kept.state, kept.attempts, kept.user_id) == (MailState.SENT, 1, ann.user_id)
    [message] = server.arrived
    assert str(message["To"]) == "ann@example.org"
    page, token = link_in(message)
    assert page == "/verify"
    claim = MacLinkTokens(settings.master_key).claim(LinkPurpose.VERIFICATION, token)
    assert claim == LinkClaim(ann.user_id, request)


async def test_each_kind_of_promise_has_its_mail_and_nothing_else_has_one(system, settings, server):
    ann = AccountHolder(system, "ann@example.org")
    await ann.verify(await ann.register())
    await keep_all(system)
    assert server.arrived == [], "she has followed the link before the mail was sent"
    await ann.register()
    reset = await ann.ask_reset()
    await ann.decide(partial(accounts.grant, role=accounts.Role.CREATOR))
    assert [mail.state for mail in await keep_all(system)] == [MailState.SENT] * 2
    assert {str(message["Subject"]) for message in server.arrived} == {
        "You have an account already",
        "Choose a new password",
    }
    page, token = next(link_in(each) for each in server.arrived if "password" in str(each["Subject"]))
    assert page == "/reset"
    assert MacLinkTokens(settings.master_key).claim(LinkPurpose.PASSWORD_RESET, token) == LinkClaim(ann.user_id, reset)


async def test_a_link_that_a_newer_one_has_overtaken_is_not_mailed(system, server):
    ann = AccountHolder(system, "ann@example.org")
    await ann.register()
    newer = await ann.ask_verification()
    kept = await keep_all(system)
    assert [(mail.state, mail.request_id == newer) for mail in kept] == [
        (MailState.DROPPED, False),
        (MailState.SENT, True),
    ]
    assert len(server.arrived) == 1


async def test_a_promise_is_taken_in_once_by_however_many(system, server):
    for number in range(30):
        await AccountHolder(system, f"u{number}@example.org").register()
    takers = [Projector(Promises(), system.outbox, system.logs["identity"], batch=7) for _ in range(4)]
    await asyncio.gather(*(catch_up(taker) for taker in takers), return_exceptions=True)
    await keep_all(system)
    assert len(await keep_all(system)) == 0
    assert len(server.arrived) == len(set(server.ids())) == 30


async def test_senders_beside_each_other_send_each_mail_once(system, server):
    for number in range(40):
        await AccountHolder(system, f"u{number}@example.org").register()
    await take_in(system)

    async def send() -> int:
        sent = 0
        while await system.mails.keep_one() is not None:
            sent += 1
        return sent

    shares = await asyncio.gather(*(send() for _ in range(5)))
    assert sum(shares) == 40
    assert Counter(server.ids()).most_common(1)[0][1] == 1
    assert len(server.arrived) == 40


async def test_a_server_that_is_busy_is_asked_again_later_and_no_sooner(system, server, hands):
    server.letter = "451 4.3.0 come later"
    await AccountHolder(system, "ann@example.org").register()
    [first] = await keep_all(system)
    assert (first.state, first.reason) == (MailState.WAITING, "letter refused: 451")
    server.letter = "250 OK"
    assert await keep_all(system) == []
    hands.ahead = timedelta(minutes=1)
    [second] = await keep_all(system)
    assert (second.state, second.attempts) == (MailState.SENT, 2)
    assert server.ids() == [f"<{second.mail_id}@127.0.0.1>"]


async def test_a_mail_that_is_refused_for_good_is_not_tried_again(system, server, hands):
    server.recipient = "550 5.1.1 no such user"
    await AccountHolder(system, "ann@example.org").register()
    [kept] = await keep_all(system)
    assert (kept.state, kept.reason) == (MailState.FAILED, "recipient refused: 550")
    hands.ahead = timedelta(hours=3)
    assert await keep_all(system) == []


async def test_a_mail_is_given_up_when_its_link_would_open_nothing_any_more(system, server, hands):
    server.letter = "451 4.3.0 come later"
    ann = AccountHolder(system, "ann@example.org")
    await ann.verify(await ann.register())
    await ann.ask_reset()
    attempts, gave_up = 0, False
    while not gave_up:
        for mail in await keep_all(system):
            attempts, gave_up = mail.attempts, mail.state is MailState.FAILED
        hands.ahead += timedelta(minutes=1)
        assert hands.ahead < timedelta(hours=2)
    assert attempts > 5, "it was tried often while it made sense"


async def test_the_pauses_grow_and_are_bounded_and_never_quite_the_same():
    pauses = [pause_after(attempts) for attempts in range(1, 60)]
    assert pauses[0] < pauses[2] < pauses[5]
    assert max(pauses) <= LONGEST_PAUSE * 1.25 < PATIENCE
    assert len({pause_after(1) for _ in range(20)}) > 1


async def test_a_mail_whose_sender_fell_goes_out_again_after_the_lease_under_the_same_id(system, server, hands):
    await AccountHolder(system, "ann@example.org").register()
    await take_in(system)
    claimed = await system.outbox.claim(hands(), lease=LEASE)
    assert await system.mails.keep_one() is None, "others keep away meanwhile"
    hands.ahead = LEASE
    assert claimed is not None
    [kept] = await keep_all(system)
    assert (kept.mail_id, kept.state, kept.attempts) == (claimed.mail_id, MailState.SENT, 2)
    assert not await system.outbox.settle(claimed, MailState.FAILED, now=hands()), "who was slow has no say any more"


@asynccontextmanager
async def settling_held_up(database: str, server: MailServer) -> AsyncGenerator[psycopg.AsyncConnection]:
    """Lets the next mail arrive, and keeps anybody from noting that it did."""
    async with await psycopg.AsyncConnection.connect(database) as blocker:

        async def lock() -> None:
            await blocker.execute("SELECT FROM work.mails FOR UPDATE")
            server.taken = None

        server.taken = lock
        yield blocker


async def test_killed_between_sending_and_noting_it_a_worker_makes_one_duplicate_under_one_id(
    system, settings, database, server, tmp_path
):
    await AccountHolder(system, "ann@example.org").register()
    async with settling_held_up(database, server) as blocker:
        with worker(settings, tmp_path, "mails", PLAYHEAD_SMTP_URL=settings.smtp_url) as first:
            await until(lambda: waits_for_a_lock(database))
            assert len(server.arrived) == 1
            first.kill()
            first.wait()
        # PostgreSQL would carry out for the dead what it has heard from them.
        await blocker.execute(f"SELECT pg_terminate_backend(pid) {WAITING_FOR_A_LOCK}")
        await until(lambda: not waits_for_a_lock(database))
        await blocker.rollback()
    [mail] = await system.outbox.list()
    assert (mail.state, mail.attempts) == (MailState.WAITING, 1)
    with psycopg.connect(database, autocommit=True) as connection:  # the lease is over
        connection.execute("UPDATE work.mails SET due_at = now()")
    with worker(settings, tmp_path, "mails", PLAYHEAD_SMTP_URL=settings.smtp_url) as second:
        await until(lambda: is_settled(system))
        await asyncio.to_thread(until_now, lambda: logged(tmp_path, "mail_attempted") == 1)
        assert await asyncio.to_thread(stopped, second) == 0
    [mail] = await system.outbox.list()
    assert mail.state is MailState.SENT
    assert server.ids() == [f"<{mail.mail_id}@127.0.0.1>"] * 2
    assert "ann@example.org" not in (tmp_path / "worker.log").read_text()


WAITING_FOR_A_LOCK = "FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


def waits_for_a_lock(database: str) -> bool:
    with psycopg.connect(database, autocommit=True) as connection:
        return connection.execute(f"SELECT {WAITING_FOR_A_LOCK}").fetchone() is not None


async def is_settled(system: System) -> bool:
    return all(mail.state is not MailState.WAITING for mail in await system.outbox.list())


async def test_a_worker_sends_what_is_promised_while_it_runs(system, server):
    running = asyncio.create_task(keep_mails(system))
    ann = AccountHolder(system, "ann@example.org")
    await ann.register()
    seconds = await until(lambda: len(server.arrived) == 1)
    assert seconds < 5
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
