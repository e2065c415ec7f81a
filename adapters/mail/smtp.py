"""Mails out over SMTP: one connection a letter, every step bounded."""

import asyncio
import ssl
from email.message import EmailMessage
from typing import NoReturn
from urllib.parse import unquote, urlsplit
from uuid import UUID

import aiosmtplib
import msgspec
from aiosmtplib import (
    SMTPAuthenticationError,
    SMTPConnectError,
    SMTPDataError,
    SMTPException,
    SMTPNotSupported,
    SMTPRecipientRefused,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPServerDisconnected,
    SMTPTimeoutError,
)

from adapters.mail.message import message_of
from application.mailing import Letter, NotTaken
from application.ports import Clock

STEP_SECONDS = 15.0
"""How long a server may take to answer one command."""

LETTER_SECONDS = 60.0
"""How long it may take over all of them; well below `application.mails.LEASE`."""

SUBMISSION_PORT, SUBMISSIONS_PORT = 587, 465
"""STARTTLS and TLS from the first byte (RFC 8314)."""

PERMANENT = 500
"""Replies from here on mean: not again (RFC 5321, 4.2.1)."""


class SmtpServer(msgspec.Struct, frozen=True, kw_only=True):
    """Where mails are handed in; ``tls`` from the first byte, else by STARTTLS if ``starttls`` (None: if offered)."""

    host: str
    port: int
    username: str | None
    password: str | None
    tls: bool
    starttls: bool | None


def smtp_server(url: str) -> SmtpServer:
    """The server of ``smtps://`` (TLS) or ``smtp://``.

    With ``smtp://`` and a password the connection must be upgraded by STARTTLS,
    or the password would be there for all to read; without one it is if the
    server offers it.  On this machine's own addresses nothing is demanded.
    """
    parts = urlsplit(url)
    host, tls = parts.hostname or "localhost", parts.scheme == "smtps"
    here = host in {"localhost", "127.0.0.1", "::1"}
    return SmtpServer(
        host=host,
        port=parts.port or (SUBMISSIONS_PORT if tls else SUBMISSION_PORT),
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        tls=tls,
        starttls=False if tls else True if parts.username and not here else None,
    )


class SmtpPost:
    """A `Post` that hands letters to a mail server; ``tls`` says whom to trust, by default the system's authorities."""

    def __init__(
        self, url: str, *, sender: str, public_url: str, clock: Clock, tls: ssl.SSLContext | None = None
    ) -> None:
        self._server = smtp_server(url)
        self._sender = sender
        self._public_url = public_url
        self._clock = clock
        self._tls = tls

    async def deliver(self, letter: Letter) -> None:
        """Hand the letter over.  Raises `NotTaken`; after a time-out the server may have taken it nevertheless."""
        try:
            message = message_of(letter, sender=self._sender, public_url=self._public_url, at=self._clock())
            async with asyncio.timeout(LETTER_SECONDS):
                await self._send(message)
        except (SMTPException, OSError, TimeoutError) as problem:
            if isinstance(problem, SMTPNotSupported) and not letter.to.isascii():
                raise NotTaken("the server knows no such addresses", permanent=True) from None
            _explain(problem)
        except ValueError:  # of the email package and of aiosmtplib alike, with the address in its message
            raise NotTaken("no address that mail can be sent to", permanent=True) from None

    async def recall(self, mail_id: UUID) -> None:
        """It has left the house."""

    async def _send(self, message: EmailMessage) -> None:
        server = self._server
        client = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            username=server.username,
            password=server.password,
            use_tls=server.tls,
            start_tls=server.starttls,
            tls_context=self._tls,
            timeout=STEP_SECONDS,
        )
        try:
            await client.connect()
            await client.send_message(message)
            await _part(client)
        finally:
            client.close()


async def _part(client: aiosmtplib.SMTP) -> None:
    """Take leave; the letter is taken, so that how the server answers is no concern of ours."""
    try:
        await client.quit()
    except (SMTPException, OSError, TimeoutError):
        return


def _explain(problem: Exception) -> NoReturn:
    """Raises `NotTaken`: permanent if this letter was refused, and not if all of ours would have been."""
    match problem:
        case SMTPRecipientsRefused(recipients=[first, *_]):
            refused: SMTPRecipientRefused = first
            raise _refusal("recipient", refused.code) from None
        case SMTPRecipientRefused() | SMTPDataError():
            raise _refusal(
                "recipient" if isinstance(problem, SMTPRecipientRefused) else "letter", problem.code
            ) from None
        case SMTPAuthenticationError():
            raise NotTaken(f"the server does not know us: {problem.code}") from None
        case SMTPTimeoutError() | TimeoutError():
            raise NotTaken("no answer in time") from None
        case SMTPServerDisconnected():
            raise NotTaken("the server hung up") from None
        case SMTPResponseException():
            raise NotTaken(f"the server refused us: {problem.code}") from None
        case SMTPConnectError() | OSError():
            raise NotTaken("the server cannot be reached") from None
        case _:
            raise NotTaken(type(problem).__name__) from None


def _refusal(what: str, code: int) -> NotTaken:
    return NotTaken(f"{what} refused: {code}", permanent=code >= PERMANENT)
