"""Without a mail server, mails lie in a folder: whole, private, and only as long as they are wanted."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from adapters.composition import System, compose, prepare
from application.mails import MailStanding, MailState
from tests.support.accounts import AccountHolder
from tests.support.site import settings_for
from tests.support.subjects import take_in
from tests.support.waiting import until
from workers.mails import keep_mails

pytestmark = pytest.mark.anyio


async def keep_all(system: System) -> list[MailStanding]:
    await take_in(system)
    kept: list[MailStanding] = []
    while (mail := await system.mails.keep_one()) is not None:
        kept.append(mail)
    return kept


@pytest.fixture
async def lonely(database, nats_url, redis_url, tmp_path) -> AsyncIterator[System]:
    settings = settings_for(database, nats_url, redis_url, data=str(tmp_path))
    await prepare(settings)
    async with compose(settings) as system:
        yield system


async def test_without_a_server_mails_lie_in_a_folder_that_nobody_else_reads(lonely):
    ann = AccountHolder(lonely, "ann@example.org")
    await ann.register()
    await keep_all(lonely)
    mailbox = lonely.mailbox
    [entry] = await mailbox.list()
    assert (entry.to, entry.subject) == ("ann@example.org", "Is this your address?")
    opened = await mailbox.read(entry.mail_id)
    assert "/verify?token=" in opened.text
    assert "<h1" in opened.html
    [file] = lonely.settings.mail_folder.iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700
    assert await mailbox.read(UUID(int=1)) is None


async def test_a_mail_that_was_dropped_while_it_was_written_does_not_stay(lonely):
    ann = AccountHolder(lonely, "ann@example.org")
    await ann.register()
    await take_in(lonely)
    deliver = lonely.mailbox.deliver

    async def deliver_late(letter):
        await deliver(letter)
        await lonely.outbox.drop(ann.user_id, now=lonely.clock())

    lonely.mailbox.deliver = deliver_late
    kept = await lonely.mails.keep_one()
    assert kept.state is MailState.DROPPED
    assert await lonely.mailbox.list() == []


async def test_a_dropped_mail_whose_writer_fell_is_removed_by_the_next(lonely):
    ann = AccountHolder(lonely, "ann@example.org")
    await ann.register()
    await keep_all(lonely)
    async with lonely.pool.connection() as connection:
        await connection.execute("UPDATE work.mails SET state = 'dropped'")
    running = asyncio.create_task(keep_mails(lonely))
    await until(lambda: not list(lonely.settings.mail_folder.iterdir()))
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_folder_that_cannot_be_written_is_tried_again(lonely):
    await AccountHolder(lonely, "ann@example.org").register()
    lonely.settings.mail_folder.write_text("a file, and no folder")
    [kept] = await keep_all(lonely)
    assert kept.state is MailState.WAITING
    assert kept.reason is not None
    assert "cannot be written" in kept.reason
