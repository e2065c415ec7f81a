"""A platform with videos and people on it, for those who look at it through pages."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from itertools import count
from typing import Any
from uuid import UUID, uuid4

from adapters.settings import Settings
from application.catalog import VideoDetails
from application.identity.registration import Registration
from application.identity.users import UserAttributes
from domain.identity.account_events import Role
from tests.support.pages import Visitor
from tests.support.site import OPERATOR, Site, open_site
from workers.erasures import finish_erasures
from workers.mails import keep_mails

PASSWORD = "correct horse battery"


_numbers = count(1)


def own_database(redis_url: str) -> str:
    """A part of the server for one platform: visitors are the same stranger on each, and answers to them are kept."""
    return f"{redis_url.removesuffix('/0')}/{next(_numbers)}"


@asynccontextmanager
async def open_platform(settings: Settings) -> AsyncGenerator[Site]:
    """`open_site`, with everything that keeps promises."""
    async with open_site(settings) as site:
        reactors = [asyncio.create_task(keep_mails(site.system)), asyncio.create_task(finish_erasures(site.system))]
        try:
            yield site
        finally:
            for reactor in reactors:
                reactor.cancel()
            await asyncio.gather(*reactors, return_exceptions=True)


async def creator(site: Site, name: str | None) -> UUID:
    """Somebody who makes videos."""
    user_id = uuid4()
    await site.system.identity.register_user(user_id, UserAttributes(name=name), OPERATOR)
    return user_id


async def draft(site: Site, creator_id: UUID, title: str, **details: Any) -> UUID:
    """A video that is not published, once the read models know of it."""
    video_id = uuid4()
    told = VideoDetails(title=title, duration_ms=95_000, **details)
    receipt = await site.system.catalog.draft_video(video_id, creator_id, told, OPERATOR)
    await site.system.positions.wait_for("videos", {"catalog": receipt.position})
    return video_id


async def publish(site: Site, creator_id: UUID, *titles: str, genre: str = "cooking", **details: Any) -> Sequence[UUID]:
    """Videos that everybody can find, once the read models know of them."""
    ids = [await draft(site, creator_id, title, genre=genre, **details) for title in titles]
    for video_id in ids:
        receipt = await site.system.catalog.publish_video(video_id, OPERATOR)
        for name in ("videos", "creators"):
            await site.system.positions.wait_for(name, {"catalog": receipt.position})
    return ids


async def account(site: Site, *roles: Role, name: str = "Ada") -> tuple[UUID, str]:
    """Somebody with a proved address and `PASSWORD`: who they are, and the address."""
    email = f"{uuid4().hex[:12]}@example.org"
    asked = Registration(email=email, password=PASSWORD, name=name)
    user_id = await site.system.registrations.open_verified(asked, OPERATOR)
    for role in roles:
        await site.system.roles.grant(user_id, role, OPERATOR)
    return user_id, email


async def member(site: Site, *roles: Role, name: str = "Ada") -> tuple[Visitor, UUID, str]:
    """Somebody who is signed in; who they are, and their address."""
    user_id, email = await account(site, *roles, name=name)
    visitor = Visitor(site)
    await visitor.sign_in(email, PASSWORD)
    return visitor, user_id, email
