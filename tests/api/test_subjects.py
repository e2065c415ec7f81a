"""Whatever is held about a person can be shown to them, and forgotten, also by those who fall while they do it."""

import asyncio
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

import pytest

from adapters.composition import System, compose
from adapters.postgres.connections import pool
from adapters.postgres.subject_keys import SubjectKeys
from application.history.importing import HistoryImport
from application.history.lines import LineReader
from application.identity.users import UserAttributes
from application.mails import MailState
from domain.identity.api_key import Scope
from domain.identity.session import Ending, SessionClosed
from domain.identity.user import UserErased, UserIsErased
from domain.kernel.personal import ERASED
from tests.support.people import Person, member, register
from tests.support.site import OPERATOR, Site, open_site, settings_for
from tests.support.subjects import search, searched, somebody
from tests.support.waiting import until
from workers.erasures import Erasures
from workers.follow import catch_up

pytestmark = pytest.mark.anyio


@pytest.fixture
async def site(database, nats_url, redis_url, tmp_path):
    settings = settings_for(database, nats_url, redis_url, data=str(tmp_path))
    async with open_site(settings) as site:
        yield site


async def heads(system: System) -> dict[str, int]:
    return {name: await log.head() for name, log in system.logs.items()}


async def identity_events(system: System, user_id: UUID) -> list[Any]:
    return [fact.event async for fact in system.logs["identity"].of_subject(user_id)]


async def is_forgotten(site: Site, person: Person) -> None:
    """Nothing opens, nothing is read, nothing lies about."""
    system = site.system
    account, _ = await system.accounts.account(person.user_id, OPERATOR)
    assert (account.closed, account.email) == (True, ERASED)
    assert (await system.identity.user(person.user_id, OPERATOR)).attributes == ERASED
    assert await system.registrations.find(person.email, OPERATOR) is None
    assert await system.sessions.bearer(person.tokens["access_token"]) is None
    assert await system.api_keys.bearer(person.tokens["api_key"]) is None
    assert system.mailbox is not None
    assert await system.mailbox.list() == []
    mails = await system.outbox.list(user_id=person.user_id)
    assert mails
    assert MailState.WAITING not in {mail.state for mail in mails}
    async with system.pool.connection() as connection:
        for table in ("credentials", "email_addresses", "sessions"):
            row = await connection.execute(f"SELECT FROM vault.{table} WHERE user_id = %s", (person.user_id,))
            assert await row.fetchone() is None, table


async def test_an_erased_person_can_neither_come_in_nor_be_read_nor_be_written_to(site):
    person = await somebody(site)
    before = await person.client.get(f"/api/subjects/{person.user_id}")
    assert person.email in before.text
    answer = await person.client.delete(f"/api/subjects/{person.user_id}")
    assert (answer.status_code, answer.json()["id"]) == (200, str(person.user_id))
    await is_forgotten(site, person)
    events = await identity_events(site.system, person.user_id)
    assert sum(isinstance(event, UserErased) for event in events) == 1
    assert SessionClosed(reason=Ending.ERASED) in events


async def test_who_erased_somebody_is_recorded(site):
    person = await somebody(site)
    await site.system.subjects.erase(person.user_id, OPERATOR)
    facts = [fact async for fact in site.system.logs["identity"].of_subject(person.user_id)]
    assert {fact.actor_id for fact in facts if isinstance(fact.event, UserErased)} == {OPERATOR.id}


async def test_a_second_erasure_changes_nothing(site):
    person = await somebody(site)
    first = await site.system.subjects.erase(person.user_id, OPERATOR)
    before = await heads(site.system)
    assert await site.system.subjects.erase(person.user_id, OPERATOR) == first
    await catch_up(Erasures(site.system))
    assert await heads(site.system) == before
    await is_forgotten(site, person)


STEPS = (
    "accounts.close",
    "accounts.forget",
    "keys.change",
    "vault.destroy",
    "traces.0.forget",
    "traces.1.forget",
    "vault.shred",
)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("when", ["before", "after"])
async def test_whoever_falls_at_any_step_the_reactor_finishes_the_erasure(site, monkeypatch, step, when):
    class Fell(Exception):
        pass

    person = await somebody(site)
    *path, name = step.split(".")
    part: Any = site.system.subjects
    for each in path:
        part = part[int(each)] if each.isdigit() else getattr(part, f"_{each}")
    really = getattr(part, name)

    async def fall(*given: Any, **named: Any) -> Any:
        if when == "after":
            await really(*given, **named)
        raise Fell

    with monkeypatch.context() as patched:
        patched.setattr(part, name, fall)
        with pytest.raises(Fell):
            await site.system.subjects.erase(person.user_id, OPERATOR)
    await catch_up(Erasures(site.system))
    await is_forgotten(site, person)


async def test_a_person_can_register_anew_and_is_somebody_else_then(site):
    person = await somebody(site)
    await site.system.subjects.erase(person.user_id, OPERATOR)
    assert (await register(site, person.email)).status_code == 202
    assert await site.system.registrations.find(person.email, OPERATOR) not in {None, person.user_id}


async def test_nothing_is_recorded_about_somebody_erased_and_what_is_reported_cannot_be_read(site):
    person = await somebody(site)
    await site.system.subjects.erase(person.user_id, OPERATOR)
    with pytest.raises(UserIsErased):
        await site.system.identity.change_user(person.user_id, UserAttributes(name="Zyxwel"), OPERATOR)
    late = await search(site.system, person.user_id, "a client that was offline tells of this")
    assert await searched(site.system, late) == ERASED


async def test_somebody_imported_without_an_account_and_somebody_only_named_can_be_forgotten(site):
    imported, named = uuid4(), uuid4()
    lines = b'{"type":"user","id":"%s","at":"2026-01-01T00:00:00Z","name":"Zyxwel"}' % str(imported).encode()
    async with HistoryImport(site.system.logs, site.system.clock, actor_id="operator:test") as importer:
        await importer.read("past", LineReader(BytesIO(lines)))
    words = await search(site.system, named, "zyxwel")
    assert (await site.system.identity.user(imported, OPERATOR)).attributes != ERASED
    for user_id in (imported, named):
        await site.system.subjects.erase(user_id, OPERATOR)
        assert (await site.system.identity.user(user_id, OPERATOR)).attributes == ERASED
    assert await searched(site.system, words) == ERASED


# --- who may --------------------------------------------------------------


async def test_only_the_person_and_admins_may_see_or_erase(site):
    person, other = await somebody(site), await member(site)
    path = f"/api/subjects/{person.user_id}"
    service, auditor = await site.bearer(Scope.SERVICE), await site.bearer(Scope.AUDITOR)
    for stranger in (other.client, service, auditor):
        for method in ("GET", "DELETE"):
            answer = await stranger.request(method, path)
            assert (answer.status_code, answer.json()["code"]) == (403, "not_this_user")
    admin = await site.bearer(Scope.ADMIN)
    assert (await admin.get(path)).status_code == 200
    assert (await admin.delete(path)).status_code == 200
    assert (await admin.get(path)).json()["erased"] is True


async def test_exports_which_are_dear_are_not_to_be_had_without_end(site):
    person = await member(site)
    asked = [(await person.client.get(f"/api/subjects/{person.user_id}")).status_code for _ in range(6)]
    assert asked == [200] * 5 + [429]
    admin = await site.bearer(Scope.ADMIN)
    assert (await admin.get(f"/api/subjects/{person.user_id}")).status_code == 200


# --- other processes ------------------------------------------------------


async def test_other_processes_forget_at_once(site):
    async with compose(site.system.settings) as other:
        assert await other.nats.ready(10)
        assert await site.system.nats.ready(10)
        user_id = uuid4()
        event = await search(site.system, user_id, "zyxwel")
        assert await searched(other, event) == "zyxwel"
        await asyncio.sleep(0.05)
        await site.system.subjects.erase(user_id, OPERATOR)

        async def forgotten() -> bool:
            return await searched(other, event) == ERASED

        assert await until(forgotten) < 1


async def test_a_process_that_hears_nothing_finds_out_by_itself(site, monkeypatch):
    monkeypatch.setattr("adapters.postgres.subject_keys.CACHE_SECONDS", 0.3)
    async with pool(site.system.settings.postgres_url, size=2) as connections:
        deaf = SubjectKeys(connections, site.system.settings.master_key)
        user_id = uuid4()
        await deaf.ensure([user_id])
        sealed = deaf.seal(user_id, b"zyxwel", context=b"x")
        await site.system.subjects.erase(user_id, OPERATOR)
        assert deaf.open(user_id, sealed, context=b"x") == b"zyxwel"

        async def forgotten() -> bool:
            await deaf.load([user_id])
            return deaf.open(user_id, sealed, context=b"x") is None

        assert await until(forgotten) < 2


async def test_who_makes_a_key_while_it_is_destroyed_does_not_bring_it_back(site):
    async with pool(site.system.settings.postgres_url, size=8) as connections:
        keys = [SubjectKeys(connections, site.system.settings.master_key) for _ in range(4)]
        for user_id in [uuid4() for _ in range(20)]:
            await asyncio.gather(*(each.ensure([user_id]) for each in keys), keys[0].destroy(user_id))
            late = SubjectKeys(connections, site.system.settings.master_key)
            await late.ensure([user_id])
            sealed = late.seal(user_id, b"zyxwel", context=b"x")
            assert late.open(user_id, sealed, context=b"x") is None
