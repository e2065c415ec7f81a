"""Who of a batch gets recorded when some of it is there already: a pure decision.

A group commit tries its whole batch first.  Only when a unique key is violated
is it looked at one submission at a time, with the head row locked, so that a
conflict or a duplicate answers its own caller and nobody else.
"""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

import msgspec

from adapters.postgres.mapper import FactRow
from application.actor import Once
from application.ports import ConcurrentWrite, Recorded

StreamVersion = tuple[UUID, int]


class Submission(msgspec.Struct, frozen=True):
    """Rows one caller wants recorded: all together, or (``apart``) each on its own.

    Rows that belong together may do so in a call that takes effect ``once``.
    """

    rows: Sequence[FactRow]
    apart: bool
    once: Once | None = None


Outcome = Sequence[Recorded] | ConcurrentWrite
"""Where each row of a submission stands, or why it was turned away as a whole."""


EffectiveCall = tuple[Once, FactRow, int]
"""A call that takes effect once, the last of its rows, and that row's place among those recorded, from 1."""


class Settled(msgspec.Struct, frozen=True):
    """``rows`` get the positions from ``head + 1`` on, in order; ``outcomes`` answer the submissions, in order.

    ``calls`` take effect once, by those rows: each with its last row, and that row's place from 1.
    """

    rows: Sequence[FactRow]
    calls: Sequence[EffectiveCall]
    outcomes: Sequence[Outcome]


def settle(
    submissions: Sequence[Submission],
    *,
    head: int,
    event_ids: Mapping[UUID, int],
    versions: Mapping[StreamVersion, int],
    taken: Collection[bytes] = (),
) -> Settled:
    """Decide in order of arrival.

    ``event_ids`` and ``versions`` tell at which position those that are recorded
    already stand, and ``taken`` the keys of calls that took effect already.  A
    submission of which every event is recorded is a repeated call, and succeeds
    as it did the first time.
    """
    settling = _Settling(head, dict(event_ids), dict(versions), set(taken))
    outcomes = [
        settling.each_apart(submission.rows) if submission.apart else settling.all_together(submission)
        for submission in submissions
    ]
    return Settled(settling.rows, settling.calls, outcomes)


class _Settling:
    def __init__(
        self, head: int, event_ids: dict[UUID, int], versions: dict[StreamVersion, int], taken: set[bytes]
    ) -> None:
        self.rows: list[FactRow] = []
        self.calls: list[EffectiveCall] = []
        self._head = head
        self._event_ids = event_ids
        self._versions = versions
        self._taken = taken

    def each_apart(self, rows: Sequence[FactRow]) -> Sequence[Recorded]:
        standing: list[Recorded] = []
        for row in rows:
            there = self._event_ids.get(row.event_id) or self._versions.get(_key(row))
            standing.append(Recorded(there or self._take(row), duplicate=there is not None))
        return standing

    def all_together(self, submission: Submission) -> Outcome:
        rows, once = submission.rows, submission.once
        recorded = [self._event_ids.get(row.event_id) for row in rows]
        if all(recorded):
            return [Recorded(position, duplicate=True) for position in recorded if position]
        keys, events = {_key(row) for row in rows}, {row.event_id for row in rows}
        twice = len(keys) < len(rows) or len(events) < len(rows)
        if twice or any(recorded) or any(key in self._versions for key in keys) or (once and once.key in self._taken):
            return ConcurrentWrite(str(rows[0].stream_id))
        standing = [Recorded(self._take(row), duplicate=False) for row in rows]
        if once:
            self._taken.add(once.key)
            self.calls.append((once, rows[-1], len(self.rows)))
        return standing

    def _take(self, row: FactRow) -> int:
        self.rows.append(row)
        position = self._head + len(self.rows)
        self._event_ids[row.event_id] = self._versions[_key(row)] = position
        return position


def _key(row: FactRow) -> StreamVersion:
    return row.stream_id, row.version
