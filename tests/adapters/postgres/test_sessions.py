"""The rows behind sessions, asked by several processes at once."""

import asyncio
import secrets
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from adapters.postgres.connections import pool
from adapters.postgres.migrate import migrate
from adapters.postgres.sessions import PostgresSessions
from adapters.postgres.vault import PostgresAddresses, PostgresCredentials, PostgresVault
from application.identity.vault import LiveSession, Purpose, Secret
from domain.identity.session import SessionKind
from domain.kernel.ids import uuid7

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
A_DAY = timedelta(days=1)


@pytest.fixture
async def pools(database):
    await migrate(database)
    async with pool(database, size=8) as one, pool(database, size=8) as other:
        yield one, other


def session(user_id, *, idle_at=NOW + A_DAY):
    return LiveSession(
        session_id=uuid7(NOW),
        user_id=user_id,
        kind=SessionKind.TOKEN,
        generation=0,
        opened_at=NOW,
        seen_at=NOW,
        idle_at=idle_at,
        expires_at=NOW + 2 * A_DAY,
    )


def secret(purpose=Purpose.REFRESH, *, expires_at=NOW + A_DAY):
    return Secret(digest=secrets.token_bytes(32), purpose=purpose, expires_at=expires_at)


async def test_a_refresh_token_is_used_once_however_many_processes_use_it(pools):
    stores = [PostgresSessions(each) for each in pools]
    for _ in range(10):
        begun, token = session(uuid4()), secret()
        await stores[0].add(begun, [token])
        renewals = [(stores[n % 2], secret(), secret(Purpose.ACCESS)) for n in range(16)]
        won = await asyncio.gather(
            *(store.renew(token.digest, new, now=NOW, idle_at=NOW + A_DAY) for store, *new in renewals)
        )
        assert sum(won) == 1
        found = [await stores[1].find(new.digest) is not None for _, new, _ in renewals]
        assert found == list(won)


async def test_a_session_that_was_dropped_is_not_renewed_and_takes_its_secrets_with_it(pools):
    store = PostgresSessions(pools[0])
    begun, token = session(uuid4()), secret()
    await store.add(begun, [token])
    assert await store.drop(begun.session_id)
    assert not await store.drop(begun.session_id)
    assert await store.find(token.digest) is None
    assert not await store.renew(token.digest, [secret()], now=NOW, idle_at=NOW)


async def test_an_address_goes_to_the_first_who_reserves_it(pools):
    addresses = [PostgresAddresses(each, "5e" * 32) for each in pools]
    users = [uuid4() for _ in range(12)]
    owners = await asyncio.gather(
        *(addresses[n % 2].reserve("Ada@example.org", user_id) for n, user_id in enumerate(users))
    )
    assert len(set(owners)) == 1
    assert await addresses[0].find("ada@EXAMPLE.org") == owners[0]
    assert await PostgresAddresses(pools[0], "5f" * 32).find("ada@example.org") is None


async def test_forgetting_somebody_leaves_nothing_of_them_and_all_of_others(pools):
    ann, bob, vault = uuid4(), uuid4(), PostgresVault(pools[0])
    store, addresses, credentials = (
        PostgresSessions(pools[0]),
        PostgresAddresses(pools[0], "5e" * 32),
        PostgresCredentials(pools[0]),
    )
    begun = {}
    for user_id in (ann, bob):
        begun[user_id] = session(user_id)
        await store.add(begun[user_id], [secret()])
        await addresses.reserve(f"{user_id}@example.org", user_id)
        await credentials.add(user_id, user_id, "a hash")
    assert await vault.forget(ann) == [begun[ann].session_id]
    assert await vault.forget(ann) == []
    assert await addresses.find(f"{ann}@example.org") is None
    assert await credentials.find(ann) is None
    assert await addresses.find(f"{bob}@example.org") == bob
    assert await credentials.find(bob) == "a hash"
    assert len(await store.of_user(bob, generation=0, limit=9, before=None)) == 1


async def test_what_has_expired_is_swept_and_nothing_else(pools):
    store, vault = PostgresSessions(pools[0]), PostgresVault(pools[0])
    idle, live = session(uuid4(), idle_at=NOW), session(uuid4())
    old, new = secret(expires_at=NOW), secret()
    await store.add(idle, [secret()])
    await store.add(live, [old, new])
    assert await vault.sweep(NOW) == 2
    assert await vault.sweep(NOW) == 0
    assert await store.find(old.digest) is None
    assert await store.find(new.digest) is not None
    assert await store.of_user(idle.user_id, generation=0, limit=9, before=None) == []
