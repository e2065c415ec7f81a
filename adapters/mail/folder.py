"""Mails into a folder, on a machine that has no mail server: what would have been sent can be read there."""

import asyncio
import contextlib
import os
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from uuid import UUID

import msgspec

from adapters.mail.message import message_of
from application.mailing import Letter, NotTaken
from application.ports import Clock

SUFFIX = ".eml"
UNFINISHED = ".new"


class MailboxEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A mail that lies in the folder, from outside."""

    mail_id: UUID
    to: str
    subject: str
    at: datetime


class MailboxMail(MailboxEntry, frozen=True, kw_only=True):
    """One that was opened; ``html`` is meant for a reader that shows no scripts."""

    text: str
    html: str


class FolderPost:
    """A `Post` and the mailbox that it fills: one file a mail, mode 0600, named by the mail's id."""

    def __init__(self, folder: Path, *, sender: str, public_url: str, clock: Clock) -> None:
        self._folder = folder
        self._sender = sender
        self._public_url = public_url
        self._clock = clock

    async def deliver(self, letter: Letter) -> None:
        """Write the file, whole or not at all.  Raises `NotTaken`."""
        message = message_of(letter, sender=self._sender, public_url=self._public_url, at=self._clock())
        try:
            await asyncio.to_thread(self._write, letter.mail_id, message.as_bytes())
        except OSError as problem:
            raise NotTaken(f"the folder cannot be written: {problem.strerror}") from problem

    async def recall(self, mail_id: UUID) -> None:
        """Remove the file, if there is one."""
        await self.remove([mail_id])

    async def remove(self, mail_ids: Collection[UUID]) -> None:
        """Remove the files of these mails, whole ones and halves; may be repeated."""
        for mail_id in mail_ids:
            for path in (self._path(mail_id), self._path(mail_id).with_suffix(UNFINISHED)):
                with contextlib.suppress(FileNotFoundError):
                    await asyncio.to_thread(path.unlink)

    async def list(self, *, limit: int = 100) -> Sequence[MailboxEntry]:
        """The newest ``limit`` mails, newest first."""
        return await asyncio.to_thread(self._list, limit)

    async def read(self, mail_id: UUID) -> MailboxMail | None:
        """One mail; None if it is not there, or no more."""
        try:
            message = await asyncio.to_thread(self._read, self._path(mail_id))
        except FileNotFoundError:
            return None
        entry = _entry(mail_id, message)
        return MailboxMail(
            mail_id=entry.mail_id,
            to=entry.to,
            subject=entry.subject,
            at=entry.at,
            text=_part(message, "plain"),
            html=_part(message, "html"),
        )

    def _path(self, mail_id: UUID) -> Path:
        return self._folder / f"{mail_id}{SUFFIX}"

    def _write(self, mail_id: UUID, written: bytes) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._path(mail_id)
        unfinished = path.with_suffix(UNFINISHED)
        unfinished.unlink(missing_ok=True)
        descriptor = os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(written)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)

    def _list(self, limit: int) -> Sequence[MailboxEntry]:
        # UUIDv7: the order of names is the order in which the mails were promised.
        paths = sorted(self._folder.glob(f"*{SUFFIX}"), reverse=True)[:limit]
        entries: list[MailboxEntry] = []
        for path in paths:
            with contextlib.suppress(FileNotFoundError):  # recalled while we look
                entries.append(_entry(UUID(path.stem), self._read(path)))
        return entries

    @staticmethod
    def _read(path: Path) -> EmailMessage:
        return message_from_bytes(path.read_bytes(), policy=default)


def _entry(mail_id: UUID, message: EmailMessage) -> MailboxEntry:
    at = message["Date"].datetime
    return MailboxEntry(mail_id=mail_id, to=str(message["To"]), subject=str(message["Subject"]), at=at.astimezone(UTC))


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return "" if part is None else part.get_content()
