"""PostgreSQL as it comes out of the wheel."""

import psycopg
import pytest


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
