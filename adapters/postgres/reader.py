"""Reads long stretches of a log, in a thread of its own.

PostgreSQL sends rows in pieces of 8 KiB.  On the event loop each piece costs a
turn of it, which for thousands of rows is more than decoding them; a blocking
connection waits in C, and beside whatever the loop does meanwhile.
"""

import asyncio
import contextlib
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
from psycopg import Connection, OperationalError
from psycopg.sql import Composed

from adapters.postgres.connections import PARAMETERS
from adapters.postgres.mapper import LogRow


class LogReader:
    """One thread and one connection, made when first needed; those who ask at once take turns."""

    def __init__(self, url: str, statement: Composed) -> None:
        self._url = url
        self._statement = statement
        self._thread: ThreadPoolExecutor | None = None
        self._connection: Connection[Any] | None = None

    async def rows(self, *, after: int, limit: int) -> list[LogRow]:
        """Rows behind ``after``, in order of position, at most ``limit``.  Raises `psycopg.OperationalError`."""
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, thread_name_prefix="log-reader")
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._rows, after, limit)

    async def close(self) -> None:
        """Give both back, after a read that is under way; may be repeated, and the next read makes them anew."""
        thread, self._thread = self._thread, None
        if thread is not None:
            await asyncio.get_running_loop().run_in_executor(thread, self._disconnect)
            thread.shutdown(wait=False)

    def _rows(self, after: int, limit: int) -> list[LogRow]:
        try:
            if self._connection is None:
                self._connection = psycopg.connect(self._url, **PARAMETERS)
            with self._connection.cursor(binary=True) as cursor:
                return cursor.execute(self._statement, (after, limit), prepare=True).fetchall()
        except OperationalError:
            self._disconnect()  # the next read makes another
            raise

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(OperationalError):
                connection.close()
