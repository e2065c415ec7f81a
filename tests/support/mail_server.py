"""A real mail server in the test's own event loop, which can be told to misbehave."""

import asyncio
import ssl
import warnings
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.support.facts import NOON

USER, PASSWORD = "postmaster", "open sesame/1"


class MailServer:
    """What has arrived, and how to answer what comes next.

    ``recipient`` and ``letter`` are the replies to RCPT and to a message; a
    reply of ``hang`` never comes, ``die`` closes the connection instead.
    ``taken`` is awaited when a message is complete, before it is acknowledged.
    """

    def __init__(self) -> None:
        self.arrived: list[EmailMessage] = []
        self.recipient = "250 OK"
        self.letter = "250 OK"
        self.taken: Callable[[], Awaitable[None]] | None = None
        self.port = 0

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any) -> str:  # noqa: N802 # as aiosmtpd calls it
        envelope.rcpt_tos.append(address)
        return await self._reply(self.recipient, server)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 # as aiosmtpd calls it
        if self.letter.startswith("250"):
            assert isinstance(envelope.content, bytes)
            self.arrived.append(message_from_bytes(envelope.content, policy=default))
        if self.taken is not None:
            await self.taken()
        return await self._reply(self.letter, server)

    async def _reply(self, reply: str, server: SMTP) -> str:
        if reply == "hang":
            await asyncio.sleep(3600)
        if reply == "die":
            _hang_up(server)
            await asyncio.sleep(0)
        return reply

    def ids(self) -> list[str]:
        """The Message-IDs that have arrived, in order."""
        return [str(message["Message-ID"]) for message in self.arrived]


def _hang_up(session: SMTP) -> None:
    if isinstance(session.transport, asyncio.Transport):
        session.transport.abort()


@asynccontextmanager
async def mail_server(
    *,
    auth: bool = False,
    utf8: bool = True,
    starttls: ssl.SSLContext | None = None,
    tls: ssl.SSLContext | None = None,
    port: int = 0,
) -> AsyncGenerator[MailServer]:
    """A server on a port of its own; ``auth`` asks for `USER` and `PASSWORD`."""
    handler, sessions = MailServer(), list[SMTP]()

    def check(server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: Any) -> AuthResult:
        known = isinstance(given, LoginPassword) and given == LoginPassword(USER.encode(), PASSWORD.encode())
        return AuthResult(success=known, handled=False)

    def session() -> SMTP:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # that passwords in clear can be overheard: not here
            sessions.append(_session())
        return sessions[-1]

    def _session() -> SMTP:
        return SMTP(
            handler,
            hostname="mail.example",
            enable_SMTPUTF8=utf8,
            tls_context=starttls,
            require_starttls=starttls is not None,
            authenticator=check if auth else None,
            auth_required=auth,
            auth_require_tls=False,
            loop=asyncio.get_running_loop(),
        )

    listening = await asyncio.get_running_loop().create_server(session, "127.0.0.1", port, ssl=tls)
    handler.port = listening.sockets[0].getsockname()[1]
    try:
        yield handler
    finally:
        listening.close()
        for each in sessions:
            _hang_up(each)
        await asyncio.sleep(0)


def certificate(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Contexts of a server for ``localhost``, and of a client that trusts nobody but it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, NOON, NOON + timedelta(days=3650))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, SHA256())
    )
    file = folder / "server.pem"
    written = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(written + signed.public_bytes(Encoding.PEM))
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(file)
    return server, ssl.create_default_context(cafile=str(file))
