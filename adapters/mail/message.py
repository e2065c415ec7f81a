"""A letter as RFC 5322 wants it."""

from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime, parseaddr
from urllib.parse import urlsplit

from application.mailing import Letter


def message_of(letter: Letter, *, sender: str, public_url: str, at: datetime) -> EmailMessage:
    """The message; its Message-ID is the mail's id at the platform's host, the same at every attempt.

    Marked as automatic (RFC 3834), so that nobody's absence answers it.
    """
    to = _address(letter.to)
    message = EmailMessage(policy=SMTP if to.addr_spec.isascii() else SMTPUTF8)
    name, address = parseaddr(sender)
    message["From"] = Address(name, addr_spec=address)
    message["To"] = to
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<{letter.mail_id}@{urlsplit(public_url).hostname or 'localhost'}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text)
    message.add_alternative(letter.html, subtype="html")
    return message


def _address(written: str) -> Address:
    """The address with its domain as the name system knows it; what stands before it is that server's matter."""
    local, _, domain = written.rpartition("@")
    return Address(username=local, domain=domain.encode("idna").decode())
