"""Whenever a user was erased, all that is held about them is forgotten: again, if whoever asked has done it already.

The position moves once the work is done, so that a fall in between only means
doing it again.
"""

from typing import Any
from uuid import UUID

import structlog

from adapters.composition import System
from application.actor import Actor, Call
from domain.identity.api_key import Scope
from domain.identity.user import UserErased
from domain.kernel.event import Fact
from workers.follow import follow

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

BATCH = 1_000
LOG = "identity"


async def finish_erasures(system: System) -> None:
    """Run until cancelled."""
    await follow(Erasures(system), await system.doorbell.listen(LOG))


class Erasures:
    """Follows the identity log, one batch at a time."""

    name = f"erasures:{LOG}"

    def __init__(self, system: System) -> None:
        self._system = system

    async def step(self) -> int:
        """Finish the erasures in one batch; returns how many facts that had.  Raises `PositionMoved`."""
        after = await self._system.erasures.position(LOG)
        facts = await self._system.logs[LOG].read(after=after, limit=BATCH)
        for fact in facts:
            if isinstance(fact.event, UserErased):
                await self._finish(fact.stream_id, fact)
        if facts:
            await self._system.erasures.advance(LOG, after=after, upto=facts[-1].position, changes=None)
        return len(facts)

    async def _finish(self, user_id: UUID, fact: Fact[Any]) -> None:
        call = Call(id=fact.correlation_id, traceparent=fact.traceparent)
        by = Actor(id="reactor:erasures", scope=Scope.ADMIN, call=call)
        await self._system.subjects.carry_out_erasure(user_id, by)
        log.info("erasure_finished", user_id=str(user_id), position=fact.position)
