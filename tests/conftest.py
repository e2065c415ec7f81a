"""Real servers for those tests that ask for them: each is started once, by the first test that does."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from adapters.embedded.trial import trial_milvus, trial_nats, trial_postgres, trial_valkey
from tests.support.databases import empty_database

# How fast an example runs says something about the machine and nothing about the property.
settings.register_profile("playhead", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("playhead")


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server whose role may do everything; what a test writes into its one database stays there."""
    with trial_postgres(tmp_path_factory.mktemp("postgres")) as url:
        yield url


@pytest.fixture
def database(postgres_url: str) -> Iterator[str]:
    """The URL of an empty database that nobody else uses."""
    with empty_database(postgres_url) as url:
        yield url


@pytest.fixture(scope="session")
def nats_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server with JetStream, shared by all tests: each names its streams for itself."""
    with trial_nats(tmp_path_factory.mktemp("nats")) as url:
        yield url


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server that speaks Redis, shared by all tests: each names its keys for itself."""
    with trial_valkey(tmp_path_factory.mktemp("redis")) as url:
        yield url


@pytest.fixture(scope="session")
def milvus_uri(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A vector store, shared by all tests: each names its collections for itself."""
    with trial_milvus(tmp_path_factory.mktemp("milvus")) as uri:
        yield uri
