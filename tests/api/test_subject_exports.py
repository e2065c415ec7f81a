"""What is shown to a person is everything that is held about them, and no secret."""

import tracemalloc
from uuid import uuid4

import pytest

from adapters.composition import System
from domain.engagement.report import ReportedInteraction
from domain.identity.api_key import Scope
from tests.support.facts import NOON
from tests.support.site import OPERATOR, open_site, settings_for
from tests.support.subjects import somebody
from tests.support.waiting import until

pytestmark = pytest.mark.anyio


@pytest.fixture
async def site(database, nats_url, redis_url, tmp_path):
    async with open_site(settings_for(database, nats_url, redis_url, data=str(tmp_path))) as site:
        yield site


async def test_an_export_holds_everything_under_its_heading_and_no_secret(site):
    person = await somebody(site)
    await person.client.put("/api/accounts/me/roles/creator")
    admin = await site.bearer(Scope.ADMIN)
    video = await admin.post("/api/videos", json={"creator_id": str(person.user_id), "title": "My first"})
    position = video.json()["position"]
    await site.system.positions.wait_for("videos", {"catalog": position})
    exported = (await admin.get(f"/api/subjects/{person.user_id}")).json()
    assert exported["user"] == [{"kind": "known", "name": "Ada", "email": person.email}]
    assert exported["account"][0] | {"roles": None} == {
        "email": person.email,
        "verified": True,
        "roles": None,
        "closed": False,
    }
    assert [each["kind"] for each in exported["sessions"]] == ["token"]
    assert [each["label"] for each in exported["api_keys"]] == ["my old laptop"]
    assert [each["state"] for each in exported["mails"]] == ["waiting", "sent"]
    assert [each["details"]["title"] for each in exported["videos"]] == ["My first"]
    assert [each["event"]["query"] for each in exported["interactions"]] == ["zyxwel"]
    assert "identity.account_opened" in {each["event"]["type"] for each in exported["identity"]}
    text = str(exported)
    for secret in (person.password, *(each for each in person.tokens.values() if str(each).startswith(("p", "ph")))):
        assert str(secret) not in text


async def test_an_export_of_nobody_is_empty(site):
    admin = await site.bearer(Scope.ADMIN)
    exported = (await admin.get(f"/api/subjects/{uuid4()}")).json()
    assert exported["erased"] is False
    assert not any(value for value in exported.values() if isinstance(value, list))


async def until_projected(system: System) -> None:
    """Until nobody else in this process has anything to do."""
    head = await system.logs["engagement"].head()

    async def there() -> bool:
        reached = [at for at in await system.positions.standings() if at.log == "engagement"]
        return all(at.position == head for at in reached if at.name != system.recommendations.name)

    await until(there)


async def test_a_long_export_takes_little_memory(site):
    user_id = uuid4()
    reports = [
        ReportedInteraction(id=uuid4(), at=NOON, user_id=user_id, kind="search", query=f"words {n} " * 20)
        for n in range(6_000)
    ]
    for start in range(0, len(reports), 1_000):
        await site.system.engagement.report(list(enumerate(reports[start : start + 1_000])), OPERATOR)
    await until_projected(site.system)
    tracemalloc.start()
    size = 0
    async for piece in await site.system.subjects.export(user_id, OPERATOR):
        size += len(piece)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size > 2_500_000
    assert peak < size / 2
