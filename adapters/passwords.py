"""Hashes of passwords by argon2id, made in threads of their own."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from application.identity.vault import PasswordsBusy

T = TypeVar("T")

MEMORY_KIB, PASSES, LANES = 19 * 1024, 2, 1
"""OWASP Password Storage Cheat Sheet, the first of its equal choices: about 30 ms of one core."""

THREADS = 2
WAITING = 64
"""More than this many wait over a second for their turn; turning them away at once is kinder."""


class Argon2Hasher:
    """`PasswordHasher`; a flood of sign-ins takes two threads, and leaves the event loop to others."""

    def __init__(self, *, memory_kib: int = MEMORY_KIB, passes: int = PASSES) -> None:
        self._hasher = PasswordHasher(time_cost=passes, memory_cost=memory_kib, parallelism=LANES)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="passwords")
        self._waiting = 0

    async def hash(self, password: str) -> str:
        """See `PasswordHasher`."""
        return await self._apart(lambda: self._hasher.hash(password))

    async def matches(self, password_hash: str | None, password: str) -> bool:
        """See `PasswordHasher`."""
        verified = await self._apart(lambda: self._verify(password_hash or self._nobodys, password))
        return verified and password_hash is not None

    def is_outdated(self, password_hash: str) -> bool:
        """See `PasswordHasher`."""
        return self._hasher.check_needs_rehash(password_hash)

    @cached_property
    def _nobodys(self) -> str:
        return self._hasher.hash("the password of an account that is not there")

    def close(self) -> None:
        """Let the threads go; what still waits is dropped."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _verify(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _apart(self, work: Callable[[], T]) -> T:
        if self._waiting >= WAITING:
            raise PasswordsBusy
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._waiting -= 1
