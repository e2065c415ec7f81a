"""PostgreSQL as it comes out of the wheel."""

import asyncio

import psycopg
import pytest

from adapters.composition import prepare
from adapters.embedded.ports import free_port
from adapters.embedded.postgres import Postgres
from adapters.embedded.service import CannotStart
from adapters.embedded.trial import trial
from adapters.settings import Settings


def test_a_commit_is_on_disk_before_it_is_acknowledged(postgres_url):
    with psycopg.connect(postgres_url) as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes", "data_checksums"):
            assert connection.execute(f"SHOW {setting}").fetchone() == ("on",)


def test_a_wrong_password_is_refused(postgres_url):
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(postgres_url.replace("playhead:", "playhead:not"))


def test_a_database_of_a_test_is_empty(database):
    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT count(*) FROM pg_stat_user_tables").fetchone() == (0,)


@pytest.mark.anyio
async def test_an_async_test_reaches_it_too(database):
    async with await psycopg.AsyncConnection.connect(database) as connection:
        await connection.execute("SELECT 1")


@pytest.fixture(scope="module")
def handed_over(tmp_path_factory: pytest.TempPathFactory):
    """A cluster from before the application had a role, with the platform's tables, started as it is today."""
    directory, port = tmp_path_factory.mktemp("cluster"), free_port()
    before = Postgres(directory, port=port, password="root", shared_buffers="64MB")
    with trial(before, directory / "logs"):
        asyncio.run(prepare(Settings(postgres_url=before.url)))
    today = Postgres(directory, port=port, password="root", application_password="app", shared_buffers="64MB")
    with trial(today, directory / "logs"):
        yield today, directory


def test_the_application_is_no_superuser_and_runs_nothing_on_the_machine(handed_over):
    with psycopg.connect(handed_over[0].url, autocommit=True) as connection:
        assert connection.execute("SELECT current_user, current_setting('is_superuser')").fetchone() == (
            "application",
            "off",
        )
        for attack in ("COPY (SELECT 1) TO PROGRAM 'true'", "SELECT pg_read_file('PG_VERSION')", "CREATE ROLE another"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(attack)


def test_it_owns_all_that_the_platform_made_before(handed_over):
    with psycopg.connect(handed_over[0].url) as connection:
        others = connection.execute(
            "SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace"
            " WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND relkind IN ('r', 'p', 'S', 'i')"
            " AND relowner <> 'application'::regrole"
        ).fetchall()
        assert others == []
        connection.execute("ALTER TABLE vault.subject_keys ADD COLUMN later int")
        connection.execute("CREATE SCHEMA another")
        connection.execute("CREATE TABLE public.another (number int)")
        connection.rollback()


def test_the_platform_goes_on_with_its_tables_as_that_role(handed_over):
    assert asyncio.run(prepare(Settings(postgres_url=handed_over[0].url))) == []


def test_its_password_is_in_no_log_and_opens_the_door(handed_over):
    server, directory = handed_over
    assert all(b"'app'" not in log.read_bytes() for log in (directory / "logs").iterdir())
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(server.url.replace("application:app", "application:no"))


def test_a_script_that_fails_is_no_start(tmp_path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("adapters.embedded.postgres.role_script", lambda *_: "ALTER ROLE nobody_there LOGIN")
    server = Postgres(tmp_path, port=free_port(), password="root", application_password="app")
    (tmp_path / "logs").mkdir()
    with pytest.raises(CannotStart, match="postgres failed"):
        asyncio.run(server.prepare())
    assert "nobody_there" in (tmp_path / "logs" / "postgres.log").read_text()
    assert not (tmp_path / "postgres" / "application_role").exists()
