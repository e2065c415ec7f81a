"""The library's own test cases for recorders, passed by ours; and one log behind both doors."""

import asyncio
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from eventsourcing.persistence import IntegrityError, StoredEvent
from eventsourcing.postgres import PostgresDatastore
from eventsourcing.tests.persistence import ApplicationRecorderTestCase, NonInterleavingNotificationIDsBaseCase
from psycopg.conninfo import conninfo_to_dict

from adapters.postgres.mapper import FactMapper, StoredFact
from adapters.postgres.migrate import migrate
from adapters.postgres.recorder import DenseRecorder
from tests.support.facts import like


class NothingSealed:
    def seal(self, subject: UUID, value: bytes, *, context: bytes) -> bytes:
        raise AssertionError("nothing here is personal")

    def open(self, subject: UUID, sealed: bytes, *, context: bytes) -> bytes | None:
        raise AssertionError("nothing here is personal")


def datastore_of(url: str) -> PostgresDatastore:
    at: dict[str, Any] = conninfo_to_dict(url)
    return PostgresDatastore(
        at["dbname"], at["host"], at["port"], at["user"], at["password"], schema="log", pool_size=3, max_overflow=20
    )


@pytest.fixture
def datastore(database: str) -> Iterator[PostgresDatastore]:
    asyncio.run(migrate(database))
    with datastore_of(database) as datastore:
        yield datastore


def recorder_of(datastore: PostgresDatastore, name: str = "trial_events") -> DenseRecorder:
    recorder = DenseRecorder(datastore, events_table_name=name)
    recorder.create_table()
    return recorder


class RecorderCase:
    """Gives the library's cases, which know no fixtures, a recorder on the test's database."""

    datastore: PostgresDatastore

    @pytest.fixture(autouse=True)
    def lend(self, datastore: PostgresDatastore) -> None:
        type(self).datastore = datastore

    def create_recorder(self) -> DenseRecorder:
        return recorder_of(self.datastore)


class TestAsTheLibraryAsksOfRecorders(RecorderCase, ApplicationRecorderTestCase[DenseRecorder]):
    def test_insert_subscribe(self) -> None:
        self.optional_test_insert_subscribe()


class TestPositionsOfOneCallStandTogether(RecorderCase, NonInterleavingNotificationIDsBaseCase):
    insert_num = 200


def test_a_rollback_leaves_no_hole(datastore: PostgresDatastore):
    recorder = recorder_of(datastore)
    first, second = (StoredEvent(uuid4(), 1, "t", b"{}") for _ in range(2))
    recorder.insert_events([first])
    with pytest.raises(IntegrityError):
        recorder.insert_events([second, first])
    assert recorder.insert_events([second]) == [2]


def test_a_fact_goes_in_by_one_door_and_comes_out_by_the_other(datastore: PostgresDatastore, database: str):
    recorder, mapper = recorder_of(datastore, "engagement_events"), FactMapper(NothingSealed())
    fact = like()

    stored = mapper.to_stored_event(fact)
    recorder.insert_events([stored])

    [back] = recorder.select_events(fact.stream_id)
    assert mapper.to_domain_event(back) == fact
    assert isinstance(stored, StoredFact)
    with psycopg.connect(database) as connection:
        row = connection.execute("SELECT event_id, subject_id FROM log.engagement_events").fetchone()
    assert row == (fact.event_id, fact.subject_id)
