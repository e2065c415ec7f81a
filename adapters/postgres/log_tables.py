"""The statements of one context's log; its tables are in ``migrations/0001_logs.sql``.

Columns carry the eventsourcing library's names: ``originator`` is our stream,
``notification_id`` our position, ``topic`` our tag.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from psycopg.sql import SQL, Composed, Identifier

from adapters.postgres.arrays import bigints, byteas, texts, uuids
from adapters.postgres.mapper import FactRow

SCHEMA = "log"

# The head row is updated by the statement that inserts: its lock makes the order of positions the order of
# commits, and a rollback gives the numbers back.
APPEND = """
WITH head AS (
    UPDATE {head} SET position = position + %b RETURNING position - %b AS before
), inserted AS (
    INSERT INTO {events}
        (notification_id, originator_id, originator_version, topic, state, event_id, subject_id)
    SELECT head.before + row.n, row.stream, row.version, row.tag, row.state, row.event_id, row.subject_id
    FROM head, unnest(%b, %b, %b, %b, %b, %b)
        WITH ORDINALITY AS row (stream, version, tag, state, event_id, subject_id, n)
)
SELECT before FROM head
"""
LOCK_HEAD = "UPDATE {head} SET position = position RETURNING position"
EVENT_IDS = "SELECT event_id, notification_id FROM {events} WHERE event_id = ANY(%b)"
VERSIONS = """
SELECT e.originator_id, e.originator_version, e.notification_id
FROM {events} e JOIN unnest(%b, %b) AS asked (stream, version)
    ON e.originator_id = asked.stream AND e.originator_version = asked.version
"""
STREAM = """
SELECT topic, state, notification_id
FROM {events} WHERE originator_id = %s ORDER BY originator_version
"""
READ = """
SELECT topic, state, notification_id
FROM {events} WHERE notification_id > %s ORDER BY notification_id LIMIT %s
"""
HEAD = "SELECT position FROM {head}"


class LogTables(NamedTuple):
    """What can be asked of one log, ready to run."""

    append: Composed
    lock_head: Composed
    event_ids: Composed
    versions: Composed
    stream: Composed
    read: Composed
    head: Composed


def log_tables(context: str) -> LogTables:
    """The statements for ``log.<context>_events`` and ``log.<context>_head``."""
    return tables(events=f"{context}_events", head=f"{context}_head")


def tables(*, events: str, head: str) -> LogTables:
    """The statements for two tables of the log schema, by name."""
    names = {"events": Identifier(SCHEMA, events), "head": Identifier(SCHEMA, head)}
    return LogTables(
        *(SQL(statement).format(**names) for statement in (APPEND, LOCK_HEAD, EVENT_IDS, VERSIONS, STREAM, READ, HEAD))
    )


def columns(rows: Sequence[FactRow]) -> tuple[Any, ...]:
    """The parameters of `LogTables.append` that record ``rows``, in order."""
    return (
        len(rows),
        len(rows),
        uuids([row.stream_id for row in rows]),
        bigints([row.version for row in rows]),
        texts([row.tag for row in rows]),
        byteas([row.state for row in rows]),
        uuids([row.event_id for row in rows]),
        uuids([row.subject_id for row in rows]),
    )
