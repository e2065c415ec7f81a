"""Hashes of passwords: right, slow enough, and never in the way of others."""

import asyncio
import time

import pytest

from adapters.passwords import THREADS, WAITING, Argon2Hasher
from application.identity.vault import PasswordsBusy

pytestmark = pytest.mark.anyio


@pytest.fixture
def hasher():
    hasher = Argon2Hasher()
    yield hasher
    hasher.close()


async def test_a_hash_is_of_its_password_alone_and_is_salted(hasher):
    one, other = await hasher.hash("a quiet harbour"), await hasher.hash("a quiet harbour")
    assert one != other
    assert one.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert await hasher.matches(one, "a quiet harbour")
    assert not await hasher.matches(one, "a quiet harbou")
    assert not await hasher.matches("no hash at all", "a quiet harbour")


async def test_where_there_is_no_hash_the_work_is_the_same(hasher):
    kept = await hasher.hash("a quiet harbour")
    assert not await hasher.matches(None, "a quiet harbour")

    async def fastest(password_hash) -> float:
        taken = []
        for _ in range(5):
            began = time.perf_counter()
            await hasher.matches(password_hash, "another harbour")
            taken.append(time.perf_counter() - began)
        return min(taken)

    assert 0.5 < await fastest(None) / await fastest(kept) < 2


async def test_not_even_the_password_of_nobody_opens_an_account_that_is_not_there(hasher):
    assert not await hasher.matches(None, "the password of an account that is not there")


async def test_the_event_loop_goes_on_while_passwords_are_hashed(hasher):
    hashing = asyncio.gather(*(hasher.hash(f"harbour {n}") for n in range(6)))
    turns = 0
    while not hashing.done():
        await asyncio.sleep(0)
        turns += 1
    await hashing
    assert turns > 6


async def test_more_than_can_be_hashed_are_turned_away_at_once(hasher):
    waiting = [asyncio.create_task(hasher.hash(f"harbour {n}")) for n in range(WAITING)]
    await asyncio.sleep(0)
    with pytest.raises(PasswordsBusy):
        await hasher.hash("one too many")
    hasher.close()
    hashed = await asyncio.gather(*waiting, return_exceptions=True)
    assert sum(isinstance(each, str) for each in hashed) >= THREADS
    assert any(isinstance(each, asyncio.CancelledError) for each in hashed)


async def test_a_hash_that_was_made_otherwise_is_outdated_and_still_matches(hasher):
    weaker = Argon2Hasher(memory_kib=64, passes=1)
    kept = await weaker.hash("a quiet harbour")
    assert await hasher.matches(kept, "a quiet harbour")
    assert hasher.is_outdated(kept)
    assert not hasher.is_outdated(await hasher.hash("a quiet harbour"))
    weaker.close()
