"""How often somebody may try to get in."""

from application.identity.vault import Addresses
from application.limits import Limit, Limiter, TooMany

PER_ACCOUNT = Limit("attempts_on_account", 5, 150)
"""Five in a row, then one each half minute: a million guesses take a year."""

MAILS_TO_ADDRESS = Limit("mails_to_address", 5, 3600)
"""Whoever asks in somebody's name: more would fill a mailbox that is not theirs."""

WINDOW_SECONDS = 300


class Attempts:
    """Counts tries by the account that is meant, there or not, and by where they come from.

    ``per_client`` is how many may come from one network address in five minutes;
    0 sets no limit.
    """

    def __init__(self, limiter: Limiter, addresses: Addresses, *, per_client: int) -> None:
        self._limiter = limiter
        self._addresses = addresses
        self._per_client = Limit("attempts_of_client", per_client, WINDOW_SECONDS) if per_client else None

    async def count(self, email: str, client: str) -> None:
        """Raises `TooMany`; asked the same for accounts that do not exist."""
        await self._count_client(client)
        await self.count_account(email)

    async def count_account(self, email: str) -> None:
        """The same for somebody whose whereabouts say nothing: they have signed in."""
        await self._take(PER_ACCOUNT, self._addresses.digest(email))

    async def count_mail(self, email: str, client: str) -> None:
        """The same for what brings a mail to the address, so that who forgot a password can ask for a reset at once."""
        await self._count_client(client)
        await self._take(MAILS_TO_ADDRESS, self._addresses.digest(email))

    async def _count_client(self, client: str) -> None:
        if self._per_client:
            await self._take(self._per_client, client)

    async def _take(self, limit: Limit, subject: str) -> None:
        verdict = await self._limiter.take(limit, subject)
        if not verdict.allowed:
            raise TooMany(verdict)
