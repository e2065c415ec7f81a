"""The statements of one context's log; its tables are made by ``migrations/0004_once.sql``.

Columns carry the eventsourcing library's names: ``originator`` is our stream,
``notification_id`` our position, ``topic`` our tag.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from psycopg.sql import SQL, Composed, Identifier

from adapters.postgres.arrays import bigints, byteas, texts, uuids
from adapters.postgres.mapper import FactRow
from application.actor import Once

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
# The same, with the calls that take effect once: what came of them commits with their effects.
APPEND_ONCE = APPEND.replace(
    "\n)\nSELECT before",
    """
), kept AS (
    INSERT INTO {once} (key, digest, stream_id, version, position)
    SELECT call.key, call.digest, call.stream, call.version, head.before + call.n
    FROM head, unnest(%b, %b, %b, %b, %b) AS call (key, digest, stream, version, n)
)
SELECT before""",
)
LOCK_HEAD = "UPDATE {head} SET position = position RETURNING position"
EVENT_IDS = "SELECT event_id, notification_id FROM {events} WHERE event_id = ANY(%b)"
VERSIONS = """
SELECT e.originator_id, e.originator_version, e.notification_id
FROM {events} e JOIN unnest(%b, %b) AS asked (stream, version)
    ON e.originator_id = asked.stream AND e.originator_version = asked.version
"""
TAKEN = "SELECT key FROM {once} WHERE key = ANY(%b)"
KEPT = "SELECT digest, stream_id, version, position FROM {once} WHERE key = %s"
KEEP = """
INSERT INTO {once} (key, digest, stream_id, version, position) VALUES (%s, %s, %s, %s, %s) ON CONFLICT DO NOTHING
"""
SWEEP = "DELETE FROM {once} WHERE kept_at < %s"
STREAM = """
SELECT topic, state, notification_id
FROM {events} WHERE originator_id = %s ORDER BY originator_version
"""
READ = """
SELECT topic, state, notification_id
FROM {events} WHERE notification_id > %s ORDER BY notification_id LIMIT %s
"""
OF_SUBJECT = """
SELECT topic, state, notification_id
FROM {events} WHERE subject_id = %s AND notification_id > %s ORDER BY notification_id LIMIT %s
"""
HEAD = "SELECT position FROM {head}"


STATEMENTS = (
    APPEND,
    APPEND_ONCE,
    LOCK_HEAD,
    EVENT_IDS,
    VERSIONS,
    TAKEN,
    KEPT,
    KEEP,
    SWEEP,
    STREAM,
    READ,
    OF_SUBJECT,
    HEAD,
)


class LogTables(NamedTuple):
    """What can be asked of one log, ready to run."""

    append: Composed
    append_once: Composed
    lock_head: Composed
    event_ids: Composed
    versions: Composed
    taken: Composed
    kept: Composed
    keep: Composed
    sweep: Composed
    stream: Composed
    read: Composed
    of_subject: Composed
    head: Composed


def log_tables(context: str) -> LogTables:
    """The statements for ``log.<context>_events``, ``log.<context>_head`` and ``log.<context>_once``."""
    return tables(events=f"{context}_events", head=f"{context}_head", once=f"{context}_once")


def tables(*, events: str, head: str, once: str) -> LogTables:
    """The statements for three tables of the log schema, by name."""
    names = {name: Identifier(SCHEMA, table) for name, table in (("events", events), ("head", head), ("once", once))}
    return LogTables(*(SQL(statement).format(**names) for statement in STATEMENTS))


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


def once_columns(calls: Sequence[tuple[Once, FactRow, int]]) -> tuple[Any, ...]:
    """What `LogTables.append_once` wants besides: each call, its last row, and that row's place in the batch from 1."""
    return (
        byteas([once.key for once, _, _ in calls]),
        byteas([once.digest for once, _, _ in calls]),
        uuids([row.stream_id for _, row, _ in calls]),
        bigints([row.version for _, row, _ in calls]),
        bigints([place for _, _, place in calls]),
    )
