"""A key that was destroyed opens nothing, for anybody, and does not lie about in files."""

from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest

from adapters.embedded.trial import trial_postgres
from adapters.postgres.connections import pool
from adapters.postgres.log import Pool
from adapters.postgres.migrate import migrate
from adapters.postgres.subject_keys import KeyNotLoaded, SubjectKeys

pytestmark = pytest.mark.anyio

MASTER = "77" * 32
CONTEXT = b"an event and a field"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A server of its own: every file of it is searched."""
    directory = tmp_path_factory.mktemp("vault")
    with trial_postgres(directory) as url:
        yield directory, url


@pytest.fixture
async def connections(server):
    _, url = server
    await migrate(url)
    async with pool(url, size=3) as connections:
        yield connections


async def wrapped(connections: Pool, subject: UUID) -> bytes | None:
    query = "SELECT wrapped FROM vault.subject_keys WHERE subject_id = %s"
    async with connections.connection() as connection:
        [(found,)] = await (await connection.execute(query, (subject,))).fetchall()
    return found


def tables_holding(server: tuple[Path, str], needle: bytes) -> list[str]:
    directory, url = server
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CHECKPOINT")
    return [
        str(file.relative_to(directory))
        for file in (directory / "postgres" / "base").rglob("*")
        if file.is_file() and needle in file.read_bytes()
    ]


@pytest.mark.parametrize("later", [0, 1, 20], ids=lambda later: f"{later} made after it")
async def test_a_destroyed_key_does_not_lie_in_the_tables_file_any_more(server, connections, later):
    # A page with room to spare, which PostgreSQL has no reason to tidy up by itself.
    async with connections.connection() as connection:
        await connection.execute("TRUNCATE vault.subject_keys")
    keys = SubjectKeys(connections, MASTER)
    subject = uuid4()
    await keys.ensure([uuid4() for _ in range(5)])
    await keys.ensure([subject])
    if later:
        await keys.ensure([uuid4() for _ in range(later)])
    key = await wrapped(connections, subject)
    assert key is not None
    secret = key[1 + 12 :]  # behind the form and the nonce, which open nothing
    assert len(tables_holding(server, secret)) == 1
    await keys.destroy(subject)
    assert await wrapped(connections, subject) is None
    assert len(tables_holding(server, secret)) == 1, "the row that was changed is still there"
    await keys.shred()
    assert tables_holding(server, secret) == []
    assert not any(tables_holding(server, secret[at : at + 16]) for at in range(0, len(secret) - 16, 4))
    await keys.shred()


async def test_a_destroyed_key_is_known_to_be_destroyed(connections):
    keys = SubjectKeys(connections, MASTER)
    destroyed, unknown, kept = uuid4(), uuid4(), uuid4()
    await keys.ensure([destroyed, kept])
    await keys.destroy(destroyed)
    await keys.destroy(destroyed)
    assert [await keys.known(each) for each in (destroyed, unknown, kept)] == [False, None, True]


async def test_what_is_sealed_for_somebody_erased_opens_for_nobody(connections):
    keys = SubjectKeys(connections, MASTER)
    subject = uuid4()
    await keys.destroy(subject)
    for process in (keys, SubjectKeys(connections, MASTER)):
        await process.ensure([subject])
        sealed = process.seal(subject, b"words", context=CONTEXT)
        assert b"words" not in sealed
        assert process.open(subject, sealed, context=CONTEXT) is None


async def test_destroying_tells_whoever_wants_to_know(connections):
    told: list[UUID] = []
    keys = SubjectKeys(connections, MASTER, destroyed=told.append)
    subject = uuid4()
    await keys.ensure([subject])
    sealed = keys.seal(subject, b"words", context=CONTEXT)
    other = SubjectKeys(connections, MASTER)
    await other.load([subject])
    assert other.open(subject, sealed, context=CONTEXT) == b"words"
    await keys.destroy(subject)
    [gone] = told
    other.forget(gone)
    assert other.open(subject, sealed, context=CONTEXT) is None
    with pytest.raises(KeyNotLoaded):
        other.seal(uuid4(), b"words", context=CONTEXT)
