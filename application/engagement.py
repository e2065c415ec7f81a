"""Reported interactions: checked one by one, recorded together, answered each for itself."""

from collections.abc import Sequence

import msgspec

from application.actor import Actor
from application.ports import Clock, EventLog
from domain.engagement.report import ReportedInteraction, event_of
from domain.kernel.errors import Refusal
from domain.kernel.event import Event, Fact
from domain.kernel.time import in_utc


class Rejected(msgspec.Struct, frozen=True):
    """One report that was turned away; ``index`` counts from 0 in what was sent."""

    index: int
    code: str
    detail: str


class Reported(msgspec.Struct, frozen=True):
    """What became of a batch of reports.

    ``position`` is the highest at which one of them stands, and so the one to
    wait for; 0 if none was accepted.
    """

    accepted: int
    duplicates: int
    rejected: Sequence[Rejected]
    position: int


class Engagement:
    """The engagement context: facts from outside, appended without loading anything."""

    def __init__(self, log: EventLog, clock: Clock) -> None:
        self._log = log
        self._clock = clock

    async def report(self, reports: Sequence[tuple[int, ReportedInteraction]], by: Actor) -> Reported:
        """Record what clients report; ``reports`` carry the index they are answered under.

        One that is refused does not hold up its neighbours; one that was
        recorded before is a duplicate.  Safe to send again.  Returns once all
        are on disk.  Raises `LogBusy` and `LogUnavailable`.
        """
        facts: list[Fact[Event]] = []
        rejected: list[Rejected] = []
        for index, report in reports:
            try:
                facts.append(self._fact(report, by))
            except Refusal as refusal:
                rejected.append(Rejected(index, refusal.code, str(refusal)))
        recorded = await self._log.report(facts)
        duplicates = sum(each.duplicate for each in recorded)
        position = max((each.position for each in recorded), default=0)
        return Reported(len(recorded) - duplicates, duplicates, rejected, position)

    def _fact(self, report: ReportedInteraction, by: Actor) -> Fact[Event]:
        by.require_self(report.user_id)
        return interaction_fact(report, by=by, clock=self._clock)


def interaction_fact(report: ReportedInteraction, *, by: Actor, clock: Clock) -> Fact[Event]:
    """The fact a report becomes, by HTTP and by import alike.  Raises `Invalid`."""
    now = clock()
    return Fact(
        event_id=report.id,
        stream_id=report.id,
        version=1,
        event=event_of(report, now=now),
        occurred_at=in_utc(report.at, field="at"),
        recorded_at=now,
        actor_id=by.id,
        correlation_id=by.call.id,
        traceparent=by.call.traceparent,
        subject_id=report.user_id,
    )
