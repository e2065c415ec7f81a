"""What is left of a person's mails."""

from uuid import UUID

from adapters.mail.folder import FolderPost
from adapters.postgres.mails import PostgresMails
from application.ports import Clock


class Correspondence:
    """The `Trace` that mails leave: some still wait, and without a mail server they lie in a folder."""

    def __init__(self, outbox: PostgresMails, folder: FolderPost, clock: Clock) -> None:
        self._outbox = outbox
        self._folder = folder
        self._clock = clock

    async def forget(self, user_id: UUID) -> None:
        """Send nothing more, and remove what lies in the folder; what has left the house is out of reach."""
        await self._folder.remove(await self._outbox.drop(user_id, now=self._clock()))
