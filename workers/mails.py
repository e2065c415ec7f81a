"""Whenever an event promises a mail, the mail is sent: promises are taken in from the identity log, then kept.

Taking in is exactly once, as with a read model; sending is at least once, and
what goes out twice does so under one Message-ID.  Any number of processes may
do both: they take turns at taking in, and share what is due.
"""

import asyncio
import time

import structlog
from prometheus_client import Counter, Gauge

from adapters.composition import System
from application.mails import MailState, Promises
from workers.follow import follow
from workers.projector import Projector

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

SENDERS = 3
"""Mails under way at once, in one process."""

LOOK_SECONDS = 5.0
"""How often it is asked how many mails wait."""

ATTEMPTS = Counter(
    "playhead_mail_attempts_total",
    "Mails taken up, by what came of it: waiting ones are tried again.",
    ["kind", "state"],
)
WAITING = Gauge("playhead_mails_waiting", "Mails promised and neither sent nor given up.")
OLDEST = Gauge("playhead_mails_waiting_seconds", "How long the oldest of the waiting mails has waited.")


async def keep_mails(system: System) -> None:
    """Run until cancelled; a mail that is under way then is tried again by the next."""
    await _remove_what_was_dropped(system)
    senders = [(_Sending(system, number), asyncio.Event()) for number in range(SENDERS)]
    taking_in = _TakingIn(system, [wake for _, wake in senders])
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(follow(taking_in, await system.doorbell.listen("identity")))
        for sending, wake in senders:
            tasks.create_task(follow(sending, wake))


class _TakingIn:
    """Takes in what the log promises, and wakes those who send."""

    def __init__(self, system: System, wakes: list[asyncio.Event]) -> None:
        self._projector = Projector(Promises(), system.outbox, system.logs["identity"])
        self._system = system
        self._wakes = wakes
        self._looked = 0.0
        self.name = self._projector.name

    async def step(self) -> int:
        taken_in = await self._projector.step()
        if taken_in:
            for wake in self._wakes:
                wake.set()
        if time.monotonic() - self._looked > LOOK_SECONDS:
            self._looked = time.monotonic()
            count, since = await self._system.outbox.waiting()
            WAITING.set(count)
            OLDEST.set((self._system.clock() - since).total_seconds() if since else 0)
        return taken_in


class _Sending:
    """Sends one mail after another."""

    def __init__(self, system: System, number: int) -> None:
        self._mails = system.mails
        self.name = f"mails:sender-{number}"

    async def step(self) -> int:
        if (mail := await self._mails.keep_one()) is None:
            return 0
        ATTEMPTS.labels(mail.kind, mail.state).inc()
        (log.warning if mail.state is MailState.FAILED else log.info)(
            "mail_attempted",
            mail_id=str(mail.mail_id),
            kind=mail.kind,
            state=mail.state,
            attempts=mail.attempts,
            reason=mail.reason,
            seconds_since_promised=round(
                (mail.settled_at or mail.due_at).timestamp() - mail.promised_at.timestamp(), 3
            ),
        )
        return 1


async def _remove_what_was_dropped(system: System) -> None:
    """A file that was written by somebody who fell before they could see that the mail had been dropped meanwhile."""
    if system.mailbox is not None:
        lying = [mail.mail_id for mail in await system.mailbox.list(limit=10_000)]
        await system.mailbox.remove(await system.outbox.dropped(lying))
