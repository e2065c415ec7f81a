"""Dense positions under the eventsourcing library's own interfaces.

`DenseRecorder` stores in the same tables as the group commit, so whatever is
built on the library (its `Application`, its notification log, its event-sourced
projections) can be used on our logs, and takes its turn on the same head row.
"""

from collections import deque
from collections.abc import Sequence
from threading import Event
from typing import Any
from uuid import UUID

from eventsourcing.persistence import Notification, StoredEvent, Subscription
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from psycopg.sql import SQL, Literal

from adapters.postgres.arrays import register
from adapters.postgres.log_tables import columns, tables
from adapters.postgres.mapper import FactRow, StoredFact
from domain.kernel.ids import derived

POLL_SECONDS = 0.05
ASK_LIMIT = 500


class DenseRecorder(PostgresApplicationRecorder):
    """Positions 1, 2, 3 … in commit order: no sequence, no table lock, no NOTIFY.

    The datastore's schema is ``log``, the table ``<context>_events``, and its
    head row stands in ``<context>_head``.
    """

    def __init__(self, datastore: PostgresDatastore, *, events_table_name: str = "stored_events") -> None:
        super().__init__(datastore, events_table_name=events_table_name)
        name = events_table_name.removesuffix("_events")
        self._append = tables(events=events_table_name, head=f"{name}_head", once=f"{name}_once").append
        self.sql_create_statements = [SQL("SELECT log.create_log({})").format(Literal(name))]

    def insert_events(self, stored_events: Sequence[StoredEvent], **_: Any) -> Sequence[int] | None:
        """Record all together; raises the library's `IntegrityError` if a version or an event is there already.

        Not retried: when the connection is lost whether it recorded is unknown,
        and repeating it would then fail on its own first write.
        """
        if not stored_events:
            return None
        rows = [_row(event) for event in stored_events]
        with self.datastore.get_connection() as connection:
            register(connection)
            [row] = connection.execute(self._append, columns(rows), prepare=True).fetchall()
        first = row["before"] + 1
        return list(range(first, first + len(rows)))

    def subscribe(self, gt: int | None = None, topics: Sequence[str] = ()) -> "PollingSubscription":
        """Follow the log; new facts are noticed within `POLL_SECONDS`."""
        return PollingSubscription(self, gt=gt, topics=topics)


class PollingSubscription(Subscription[DenseRecorder]):
    """Asks again and again, since an append notifies nobody; `stop` may be called from another thread."""

    def __init__(self, recorder: DenseRecorder, gt: int | None = None, topics: Sequence[str] = ()) -> None:
        super().__init__(recorder, gt, topics)
        self._ready: deque[Notification] = deque()
        self._stopped = Event()

    def stop(self) -> None:
        """End the iteration, also one that waits."""
        super().stop()
        self._stopped.set()

    def __next__(self) -> Notification:
        while not self._stopped.is_set():
            if self._ready:
                return self._ready.popleft()
            self._ask()
            if not self._ready:
                self._stopped.wait(POLL_SECONDS)
        raise StopIteration

    def _ask(self) -> None:
        self._ready.extend(
            self._recorder.select_notifications(
                self._last_notification_id or 0, ASK_LIMIT, topics=self._topics, inclusive_of_start=False
            )
        )
        if self._ready:
            self._last_notification_id = self._ready[-1].id


def _row(event: StoredEvent) -> FactRow:
    """A row for any stored event: one that is not a fact's gets an id derived from its stream and version."""
    stream_id = UUID(str(event.originator_id))
    known = isinstance(event, StoredFact)
    return FactRow(
        stream_id,
        event.originator_version,
        event.topic,
        event.state,
        event.event_id if known else derived(f"version/{event.originator_version}", stream_id),
        event.subject_id if known else None,
    )
