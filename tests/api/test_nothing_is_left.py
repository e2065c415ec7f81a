"""A person uses everything there is, is erased, and nothing of them can be found anywhere.

On the whole platform as it is run: real servers, API and workers as processes of
their own, all that they keep and write in one directory, which is then searched
byte by byte.
"""

import asyncio
import json
import re
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest

from adapters.composition import RECOMMENDATIONS, TABLES, System, compose
from adapters.embedded.directory import DataDirectory
from adapters.embedded.postgres import SUPERUSER
from application.mails import Promises
from domain.engagement.interaction import SearchMade
from domain.identity.account_events import AccountOpened
from domain.identity.user import UserRegistered
from domain.kernel.personal import ERASED
from tests.support.canaries import forms, found
from tests.support.up import Platform, up
from tests.support.waiting import until

pytestmark = pytest.mark.anyio

NAME = "Zyxwelväne Qorrigan"
EMAIL = "zyxwelvane.qorrigan@canary-domain.example"
SEARCHED = "flugelhorn repair zyxwelvane"
LABEL = "qorrigans old laptop"
COUNTRY_AND_MORE = {"name": NAME, "email": EMAIL, "gender": "qorrigander", "signup_source": "zyxwelfriend"}
PASSWORD = "correct zyxwel horse battery"
PERSONAL = [NAME, EMAIL, SEARCHED, LABEL, "qorrigander", "zyxwelfriend", "zyxwelvane", "qorrigan"]


def test_a_canary_is_found_in_whatever_form_it_takes(tmp_path: Path):
    """The search itself: it must find what it looks for, or all else here proves nothing."""
    from base64 import b64encode  # noqa: PLC0415 # for this alone

    written = {
        "raw": NAME.encode(),
        "json": json.dumps({"name": NAME}).encode(),
        "utf16": f"x{NAME}y".encode("utf-16-le"),
        **{f"base64-{n}": b64encode(b"#" * n + f'{{"name":"{NAME}"}}'.encode()) for n in range(3)},
        "hex": NAME.encode().hex().encode(),
        "loud": NAME.upper().encode(),
        "innocent": b"Welv\xc3\xa4ne Qorr and others" * 100,
    }
    for name, contents in written.items():
        (tmp_path / name).write_bytes(b"\0" * 5000 + contents + b"\xff" * 5000)
    assert set(found(tmp_path, [NAME])) == set(written) - {"innocent"}
    assert len(forms(NAME)) > 20


class Person:
    """Somebody who registers, signs in, and does whatever can be done."""

    def __init__(self, platform: Platform, client: httpx.AsyncClient) -> None:
        self._platform = platform
        self._client = client
        self.user_id = UUID(int=0)
        self.secrets: list[str] = []

    async def register(self) -> None:
        asked = {"email": EMAIL, "password": PASSWORD, "name": NAME}
        assert (await self._client.post("/api/accounts", json=asked)).status_code == 202
        await self.verify()
        signed_in = (await self._client.post("/api/sessions", json={"email": EMAIL, "password": PASSWORD})).json()
        self.user_id = UUID(signed_in["user_id"])
        self.secrets += [signed_in["access_token"], signed_in["refresh_token"]]
        self._client.headers["Authorization"] = f"Bearer {signed_in['access_token']}"

    async def verify(self) -> None:
        folder = self._platform.directory / "mails"
        await until(lambda: len(list(folder.glob("*.eml"))) == 1)
        [letter] = folder.glob("*.eml")
        [token] = set(re.findall(r"token=3?D?([\w=\n-]+)", letter.read_bytes().decode().replace("=\r\n", "")))
        answer = await self._client.post("/api/accounts/verification", json={"token": token, "password": PASSWORD})
        assert answer.status_code == 200, answer.text

    async def use_everything(self, videos: list[UUID]) -> None:
        me = f"/api/users/{self.user_id}"
        assert (await self._client.put(me, json=COUNTRY_AND_MORE)).status_code == 200
        key = await self._client.post("/api/api-keys", json={"scope": "user", "label": LABEL})
        assert key.status_code == 201, key.text
        self.secrets.append(key.json()["key"])
        assert (await self._client.get("/api/api-keys")).json()["items"] is not None
        assert (await self._client.get(me)).json()["attributes"]["name"] == NAME
        assert await self.report([{"kind": "search", "query": SEARCHED}]) == 1
        seen = [{"kind": kind, "video_id": str(video)} for video in videos for kind in ("impression", "view", "like")]
        assert await self.report(seen) == len(seen)
        assert (await self._client.post("/api/password-resets", json={"email": EMAIL})).status_code == 202

    async def report(self, told: list[dict]) -> int:
        common = {"at": "2026-11-01T12:00:00Z", "user_id": str(self.user_id)}
        body = {"interactions": [{"id": str(uuid4()), **common, **each} for each in told]}
        return (await self._client.post("/api/interactions", json=body)).json()["accepted"]

    async def be_recommended_something(self) -> None:
        async def answered() -> bool:
            asked = {"user_id": str(self.user_id), "count": "5"}
            return (await self._client.get("/api/recommendations", params=asked)).status_code == 200

        await until(answered, seconds=60)


async def make_videos(client: httpx.AsyncClient, count: int) -> list[UUID]:
    videos = [uuid4() for _ in range(count)]
    for number, video in enumerate(videos):
        body = {"id": str(video), "creator_id": str(uuid4()), "title": f"Video {number}"}
        assert (await client.post("/api/videos", json=body)).status_code == 201
        assert (await client.post(f"/api/videos/{video}/publication")).status_code == 200
    return videos


def on_disk(platform: Platform) -> Platform:
    """With every page of the database written to its file, which only a superuser may ask for."""
    password = DataDirectory(platform.directory).secrets().postgres
    url = platform.settings.postgres_url
    with psycopg.connect(url, user=SUPERUSER, password=password, autocommit=True) as connection:
        connection.execute("CHECKPOINT")
    return platform


async def what_is_known(system: System, user_id: UUID) -> list[object]:
    """The personal values in the facts about somebody, as the logs read now."""
    known: list[object] = []
    for name in ("identity", "engagement"):
        async for fact in system.logs[name].of_subject(user_id):
            match fact.event:
                case UserRegistered(attributes=personal) | AccountOpened(email=personal) | SearchMade(query=personal):
                    known.append(personal)
                case _:
                    pass
    return known


async def wrapped_key(system: System, user_id: UUID) -> bytes:
    """The person's key as the vault keeps it, less what opens nothing: its form and its nonce."""
    query = "SELECT substr(wrapped, 14) FROM vault.subject_keys WHERE subject_id = %s"
    async with system.pool.connection() as connection:
        [(key,)] = await (await connection.execute(query, (user_id,))).fetchall()
    return key


async def rebuild_everything(system: System) -> None:
    """Fold every projection and every reaction over its logs, from the first position."""
    for projection in (*(each for each, _ in TABLES), RECOMMENDATIONS, Promises()):
        for log in projection.logs:
            read: Any = system.logs[log].occurrences if projection.bare else system.logs[log].read
            facts = await read(after=0, limit=100_000)
            assert len(facts) == await system.logs[log].head()
            projection.fold(facts)


@pytest.mark.slow
async def test_nothing_is_left_of_a_person_who_was_erased(tmp_path: Path):
    directory = tmp_path / "platform"
    with up(directory) as platform:
        assert f"mails lie in {directory}/mails" in platform.output
        service = platform.run("api-key", "create", "--scope", "service").stdout.strip()
        async with (
            httpx.AsyncClient(base_url=platform.url, timeout=30) as client,
            httpx.AsyncClient(base_url=platform.url, headers={"Authorization": f"Bearer {service}"}) as back_end,
        ):
            person = Person(platform, client)
            await person.register()
            await person.use_everything(await make_videos(back_end, 6))
            await person.be_recommended_something()
            await until(lambda: len(list((directory / "mails").glob("*.eml"))) == 2)
            mails = {str(path.relative_to(directory)) for path in (directory / "mails").iterdir()}

            # From the first event on: nothing personal lies open but the mails, and no secret lies anywhere.
            hits = found(on_disk(platform).directory, PERSONAL)
            assert set(hits) == mails, hits
            assert found(directory, [PASSWORD, *person.secrets]) == {}
            async with compose(platform.settings) as system:
                known = await what_is_known(system, person.user_id)
                assert len(known) == 3
                assert ERASED not in known
                exported = await export(client, person.user_id)
                assert (exported["user"][0]["name"], exported["account"][0]["email"]) == (NAME, EMAIL)
                assert len(exported["interactions"]) == 19

                key = await wrapped_key(system, person.user_id)

                answer = await client.delete(f"/api/subjects/{person.user_id}")
                assert answer.status_code == 200, answer.text
                heads = await settled_heads(system)

                assert found(on_disk(platform).directory, PERSONAL) == {}
                assert found(directory, [PASSWORD, *person.secrets]) == {}
                tables = [file for file in (directory / "postgres" / "base").rglob("*") if file.is_file()]
                assert [file.name for file in tables if key in file.read_bytes()] == []
                assert await what_is_known(system, person.user_id) == [ERASED] * 3
                await rebuild_everything(system)

                await nobody_comes_in(client, person)
                again = platform.run("subject", "erase", str(person.user_id), "--yes")
                assert again.returncode == 0, again.stderr
                assert await settled_heads(system) == heads, "a second erasure changes nothing"
            told = platform.run("subject", "export", str(person.user_id))
            after = json.loads(told.stdout)
            assert (after["erased"], after["user"]) == (True, [{"kind": "erased"}])
            assert after["account"][0]["email"] == {"kind": "erased"}
            assert len(after["interactions"]) == 19, "what was done stays done, by nobody in particular"

    # Stopped: what was in memory has been written down, checkpoints of the recommender too.
    assert found(directory, [*PERSONAL, PASSWORD, *person.secrets]) == {}
    assert found(tmp_path, PERSONAL) == {}, "nor in what the launcher said"


async def export(client: httpx.AsyncClient, user_id: UUID) -> dict:
    answer = await client.get(f"/api/subjects/{user_id}")
    assert answer.status_code == 200
    return answer.json()


async def nobody_comes_in(client: httpx.AsyncClient, person: Person) -> None:
    """Neither by what was proved before, nor by the password; answers are remembered for two seconds."""
    access, refresh, key = person.secrets
    me = f"/api/users/{person.user_id}"

    async def refused() -> bool:
        tries = [await client.get(me, headers={"Authorization": f"Bearer {secret}"}) for secret in (access, key)]
        return [each.status_code for each in tries] == [401, 401]

    await until(refused)
    assert (await client.post("/api/sessions/refresh", json={"refresh_token": refresh})).status_code in {401, 403}
    assert (await client.post("/api/sessions", json={"email": EMAIL, "password": PASSWORD})).status_code in {401, 403}


async def settled_heads(system: System) -> dict[str, int]:
    """Where the logs end, once the reactor has been through."""

    async def through() -> bool:
        return await system.erasures.position("identity") == await system.logs["identity"].head()

    await until(through)
    await asyncio.sleep(0)
    return {name: await log.head() for name, log in system.logs.items()}
