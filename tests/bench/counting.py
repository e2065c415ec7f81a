"""The same counting read model, as the library's documentation would have it: one transaction for each event."""

import time
from threading import Event
from typing import Any
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.persistence import Tracking
from eventsourcing.postgres import PostgresDatastore, PostgresTrackingRecorder
from eventsourcing.projection import Projection, ProjectionRunner
from psycopg.sql import SQL, Identifier

from tests.bench.appenders import VIEWED, Library, Viewing
from tests.bench.harness import Turn

COUNT = """
INSERT INTO {} AS counted (video_id, views, watched_ms) VALUES (%s, 1, %s)
ON CONFLICT (video_id) DO UPDATE SET views = counted.views + 1, watched_ms = counted.watched_ms + EXCLUDED.watched_ms
"""
LONGEST_SECONDS = 60.0


class CountingView(PostgresTrackingRecorder):
    """One row of counts for each video, and the position, moved together."""

    def __init__(self, datastore: PostgresDatastore, **names: Any) -> None:
        super().__init__(datastore, **names)
        table = Identifier(datastore.schema, "library_counts")
        columns = "(video_id uuid PRIMARY KEY, views bigint NOT NULL, watched_ms bigint NOT NULL)"
        self._count = SQL(COUNT).format(table)
        self.sql_create_statements.append(
            SQL("CREATE TABLE IF NOT EXISTS {}").format(table) + SQL(columns) + SQL(" WITH (fillfactor = 50)")
        )

    def count(self, video: UUID, watched_ms: int, tracking: Tracking) -> None:
        """Add one view; raises the library's `IntegrityError` if the event was counted before."""
        with self.datastore.transaction(commit=True) as cursor:
            cursor.execute(self._count, (video, watched_ms), prepare=True)
            self._insert_tracking(cursor, tracking)


class Counting(Projection[CountingView]):
    """Counts views, and notes when the first was begun and the last was done."""

    name = "counting"
    remaining = 0
    began = 0.0
    ended = 0.0
    done = Event()

    def process_event(self, domain_event: Any, tracking: Tracking) -> None:  # pyright: ignore[reportIncompatibleVariableOverride] # declared a singledispatchmethod
        """Take in one event."""
        counting = type(self)
        counting.began = counting.began or time.perf_counter()
        viewed = domain_event.viewed
        self.view.count(UUID(viewed["video_id"]), viewed["watched_ms"], tracking)
        counting.remaining -= 1
        if counting.remaining == 0:
            counting.ended = time.perf_counter()
            counting.done.set()


class LibraryProjection:
    """An application with events in it, and its runner, which starts from nothing each time."""

    def __init__(self, url: str, videos: list[UUID]) -> None:
        self._url = url
        self._events = len(videos)
        self._environment = Library(url).environment(2)
        application = Application[UUID](env=self._environment)
        application.save(*(Viewing({**VIEWED, "video_id": str(video)}) for video in videos))
        application.close()

    def catch_up(self, _: float) -> Turn:
        """From the first event to the last; the runner's own start is not counted."""
        with Library(self._url).datastore(1) as datastore, datastore.transaction(commit=True) as cursor:
            cursor.execute("DROP TABLE IF EXISTS library_counts, counting_tracking")
        Counting.remaining, Counting.began = self._events, 0.0
        Counting.done.clear()
        with ProjectionRunner(
            application_class=Application[UUID],
            projection_class=Counting,
            view_class=CountingView,
            env=self._environment,
        ):
            if not Counting.done.wait(LONGEST_SECONDS):
                raise TimeoutError("the library's runner did not come to the end of its log")
        return Turn(self._events, Counting.ended - Counting.began)
