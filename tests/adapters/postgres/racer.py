"""A process that writes to one log as fast as it can, and notes what was acknowledged.

``python -m tests.adapters.postgres.racer URL SEED ACKS``: appends facts alone
and in groups, runs into conflicts on streams that all racers fight over, and
sends some again.  Writes ``<position> <event id>`` to the file ACKS for every
fact that was acknowledged, on disk before the next is sent.  Ends when its
standard input does.
"""

import asyncio
import os
import random
import sys
from pathlib import Path
from uuid import UUID

from adapters.postgres.connections import pool
from adapters.postgres.log import PostgresLog
from adapters.postgres.subject_keys import SubjectKeys
from application.ports import ConcurrentWrite
from domain.engagement.interaction import VideoLiked
from tests.support.facts import fact, like

CALLERS = 8
CONTESTED = 2_000
"""Streams that every racer wants the first version of."""


class Racer:
    def __init__(self, log: PostgresLog, seed: int, acks: Path) -> None:
        self._log = log
        self._random = random.Random(seed)
        self._acks = os.open(acks, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self.stopped = False

    async def run(self) -> None:
        await asyncio.gather(*(self._call() for _ in range(CALLERS)))

    async def _call(self) -> None:
        while not self.stopped:
            facts = [like() for _ in range(self._random.choice((1, 1, 3, 20)))]
            if self._random.random() < 0.3:
                contested = UUID(int=self._random.randrange(CONTESTED) + 1)
                facts.append(fact(VideoLiked(user_id=contested, video_id=contested), stream_id=contested))
            try:
                last = await self._log.append(facts)
            except ConcurrentWrite:
                continue
            first = last - len(facts) + 1
            self._note("".join(f"{position} {each.event_id}\n" for position, each in enumerate(facts, start=first)))
            if self._random.random() < 0.1:
                assert await self._log.append(facts) == last

    def _note(self, lines: str) -> None:
        os.write(self._acks, lines.encode())
        os.fdatasync(self._acks)


async def race(url: str, seed: int, acks: Path) -> None:
    connections = pool(url, size=2)
    await connections.open()
    log = PostgresLog("engagement", url=url, pool=connections, keys=SubjectKeys(connections, "11" * 32), capacity=1000)
    log.start()
    racer = Racer(log, seed, acks)
    racing = asyncio.create_task(racer.run())
    await asyncio.to_thread(sys.stdin.read)
    racer.stopped = True
    await racing
    await log.close()
    await connections.close()


if __name__ == "__main__":
    asyncio.run(race(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])))
