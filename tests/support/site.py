"""The application with its servers behind it, and people with keys who ask it things."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, cast
from uuid import UUID, uuid4

import httpx
from litestar import Litestar

from adapters.composition import TABLES, System, compose, prepare, utc_now
from adapters.settings import Settings
from api.app import create_app
from application.actor import Actor, Call
from application.identity.api_keys import IssueApiKey
from domain.identity.api_key import Scope
from workers.follow import follow
from workers.projector import Projector
from workers.recommendations import recommend

OPERATOR = Actor(id="test", scope=Scope.ADMIN, call=Call(id=uuid4()))


UNLIMITED: dict[str, Any] = {"address_per_minute": 0, "failures_per_minute": 0, "attempts_per_client": 0}
"""All tests ask from one address."""


def settings_for(database: str, nats_url: str, redis_url: str, **changed: Any) -> Settings:
    urls = {"postgres_url": database, "nats_url": nats_url, "redis_url": redis_url}
    settings: dict[str, Any] = {**urls, "master_key": "5e" * 32, **UNLIMITED, **changed}
    return Settings(**settings)


class Site:
    """One running application; `client` speaks to it in this process, without a key."""

    def __init__(self, system: System, app: Litestar) -> None:
        self.system = system
        self.app = app
        self.transport = httpx.ASGITransport(app=cast(Any, app))  # the two libraries' ASGI types differ in name only
        self.client = self._client({})

    async def bearer(self, scope: Scope, user_id: UUID | None = None, **told: Any) -> httpx.AsyncClient:
        """Somebody with a new key of this scope."""
        command = IssueApiKey(scope=scope, label="test", user_id=user_id, **told)
        issued = await self.system.api_keys.issue(command, OPERATOR)
        return self._client({"Authorization": f"Bearer {issued.key}"})

    def _client(self, headers: dict[str, str]) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=self.transport, base_url="http://playhead", headers=headers)


@asynccontextmanager
async def open_site(settings: Settings, *, projecting: bool = True) -> AsyncGenerator[Site]:
    """The application on a database that it may still have to prepare, with followers in the same process.

    The recommender is among them if there are settings for its vectors.
    """
    await prepare(settings)
    async with compose(settings, clock=utc_now) as system:
        followers = [
            asyncio.create_task(
                follow(Projector(projection, model(system.pool), system.logs[log]), await system.doorbell.listen(log))
            )
            for projection, model in TABLES
            for log in projection.logs
            if projecting
        ]
        if settings.milvus_uri:
            followers.append(asyncio.create_task(recommend(system)))
        try:
            yield Site(system, create_app(system))
        finally:
            for follower in followers:
                follower.cancel()
            await asyncio.gather(*followers, return_exceptions=True)
