"""A platform that answers on a socket, with some videos to look at."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

from adapters.settings import Settings
from tests.support.audience import creator, open_platform, publish
from tests.support.listening import listening
from tests.support.site import Site

GENRES = ("cooking", "science", "travel", "gaming", "fitness", "music", "comedy", "craft")


@dataclass
class Gallery:
    """A platform that answers on a socket, with some videos."""

    site: Site
    origin: str
    videos: list[UUID]
    creator: UUID


@asynccontextmanager
async def open_gallery(settings: Settings) -> AsyncGenerator[Gallery]:
    """Four videos of each genre, by one creator."""
    async with open_platform(settings) as site, listening(site.app) as port:
        maker = await creator(site, "Vega")
        videos = [
            video_id
            for genre in GENRES
            for video_id in await publish(site, maker, *(f"{genre} No. {no}" for no in range(4)), genre=genre)
        ]
        yield Gallery(site, f"http://127.0.0.1:{port}", videos, maker)
