"""The example platform before anybody watches: who makes videos, which ones, and who has which taste.

Everything follows from a seed, a scale and the moment the world ends, so that
it can be made again: see `Chance`.
"""

import math
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid5

import msgspec

from application.demo.chance import Chance
from application.demo.words import (
    ADJECTIVES,
    CLOSINGS,
    COUNTRIES,
    CREATURES,
    GENRES,
    HOOKS,
    LANGUAGES,
    OPENINGS,
    PACINGS,
    SOURCES,
    STYLES,
    Genre,
)
from application.history.records import UserRecord, VideoRecord

DEMO = UUID("0c0f6bb4-6e0f-5f0e-9d6a-3f5e2a9b7c11")
"""Namespace of all ids of example platforms; part of recorded histories, so it never changes."""

CREATORS, VIDEOS, VIEWERS, INTERACTIONS = 40, 600, 400, 40_000
"""How large the world is at scale 1."""

LENGTHS = (("short", 60.0), ("medium", 300.0), ("long", math.inf))
"""What a video of so many seconds is called."""

SPAN = timedelta(weeks=10)
"""From the first creator to the end of the world."""

WATCHED = timedelta(weeks=5)
"""The last part of the span, in which people watch; more than half of the videos are older."""


class Creator(msgspec.Struct, frozen=True):
    """Somebody with one or two genres and a way of their own; ``quality`` is about 0, more is better."""

    id: UUID
    name: str
    genres: Sequence[Genre]
    tone: str
    pacing: str
    language: str
    seconds: float
    quality: float


class Viewer(msgspec.Struct, frozen=True):
    """Somebody with tastes: how much each genre, tone, pacing and theme is to their liking, 0 if not at all.

    ``activity`` is the share of all that happens which is theirs, relative to others.
    """

    record: UserRecord
    tastes: dict[str, float]
    activity: float

    def affinity(self, video: VideoRecord, appeal: float) -> float:
        """How well a video suits them, between about -1 and 5."""
        tastes = self.tastes
        themes = sum(tastes.get(theme, 0.0) for theme in video.themes) / max(1, len(video.themes))
        traits = tastes.get(video.tone or "", 0.0) + tastes.get(video.pacing or "", 0.0)
        return 2.0 * tastes.get(video.genre or "", 0.0) + themes + 0.5 * traits + 0.5 * appeal


class World(msgspec.Struct, frozen=True):
    """All there is before anybody watches; videos by the moment they were published.

    ``appeal`` is how good a video is, whoever watches: about 0, more is better.
    """

    name: str
    ends: datetime
    creators: Sequence[Creator]
    videos: Sequence[VideoRecord]
    appeal: Mapping[UUID, float]
    viewers: Sequence[Viewer]
    interactions: int

    def id_of(self, thing: str) -> UUID:
        """The id of anything in this world, by a name of its own."""
        return uuid5(DEMO, f"{self.name}/{thing}")

    @property
    def users(self) -> Sequence[UserRecord]:
        """Creators and viewers, as users."""
        began = self.ends - SPAN
        creators = [UserRecord(id=it.id, at=began, name=it.name, signup_source="creator") for it in self.creators]
        return [*creators, *(viewer.record for viewer in self.viewers)]


def world_name(seed: int, scale: float) -> str:
    """What ids are derived from: another seed or scale is another world and shares nothing with this one."""
    return f"{seed}/{scale:g}"


def first_user(name: str, ends: datetime) -> UserRecord:
    """A user who registers when the world begins; wherever they are recorded, the world's time can be read."""
    return UserRecord(id=uuid5(DEMO, f"{name}/first"), at=ends - SPAN, name="demo", signup_source="demo")


def made_up(seed: int, scale: float, ends: datetime) -> World:
    """The world of a seed; ``scale`` multiplies all its numbers."""
    name = world_name(seed, scale)
    chance = Chance(name)
    creators = [_creator(chance, name, number) for number in range(_scaled(CREATORS, scale))]
    videos = [_video(chance, name, number, creators, ends) for number in range(_scaled(VIDEOS, scale))]
    quality = {creator.id: creator.quality for creator in creators}
    return World(
        name=name,
        ends=ends,
        creators=creators,
        videos=sorted(videos, key=lambda video: video.at),
        appeal={video.id: quality[video.creator_id] + chance.gauss(0, 0.8) for video in videos},
        viewers=[_viewer(chance, name, number, ends) for number in range(_scaled(VIEWERS, scale))],
        interactions=_scaled(INTERACTIONS, scale),
    )


def _scaled(number: int, scale: float) -> int:
    return max(2, round(number * scale))


def _name(chance: Chance, number: int) -> str:
    return f"{chance.choice(ADJECTIVES)} {chance.choice(CREATURES)} {number + 1}"


def _creator(chance: Chance, name: str, number: int) -> Creator:
    # The first ones cover every genre, so that none is empty in a small world.
    genres = [GENRES[number % len(GENRES)], *chance.sample(GENRES, chance.choice((0, 0, 1)))]
    return Creator(
        id=uuid5(DEMO, f"{name}/creator/{number}"),
        name=_name(chance, number),
        genres=genres,
        tone=chance.choice(genres[0].tones),
        pacing=chance.choice(PACINGS),
        language=chance.weighted(LANGUAGES),
        seconds=chance.choice((30, 45, 90, 240, 600)),
        quality=chance.gauss(0, 0.5),
    )


def _video(chance: Chance, name: str, number: int, creators: Sequence[Creator], ends: datetime) -> VideoRecord:
    creator = creators[number % len(creators)]
    genre = chance.choice(creator.genres)
    themes = tuple(chance.sample(genre.themes, chance.choice((1, 2, 2, 3))))
    tone = creator.tone if chance.happens(0.7) else chance.choice(genre.tones)
    subject = chance.choice(genre.subjects)
    seconds = creator.seconds * math.exp(chance.gauss(0, 0.3))
    return VideoRecord(
        id=uuid5(DEMO, f"{name}/video/{number}"),
        at=ends - SPAN + (SPAN - timedelta(hours=6)) * chance.random(),
        creator_id=creator.id,
        title=_title(chance.choice(genre.titles), subject, chance.randint(3, 30)),
        description=f"{OPENINGS[tone]}: {subject}, with {' and '.join(themes[:2])}. {chance.choice(CLOSINGS)}",
        genre=genre.name,
        tone=tone,
        pacing=creator.pacing if chance.happens(0.8) else chance.choice(PACINGS),
        themes=themes,
        language=creator.language,
        duration_ms=max(8_000, round(seconds * 1000)),
        generation={
            "hook": chance.choice(HOOKS),
            "length": next(length for length, longest in LENGTHS if seconds < longest),
            "style": chance.choice(STYLES),
            "captions": chance.happens(0.8),
            "takes": chance.randint(1, 5),
        },
    )


def _title(template: str, subject: str, number: int) -> str:
    title = template.format(subject=subject, number=number)
    return title[0].upper() + title[1:]


def _viewer(chance: Chance, name: str, number: int, ends: datetime) -> Viewer:
    favourites = chance.sample(GENRES, chance.choice((1, 2, 2, 3)))
    tastes = {genre.name: 1.0 - 0.25 * place for place, genre in enumerate(favourites)}
    for genre in favourites:
        tastes.update(dict.fromkeys(chance.sample(genre.themes, 2), 1.0))
    tastes[chance.choice(favourites[0].tones)] = 1.0
    tastes[chance.choice(PACINGS)] = 1.0
    # Half were there before the first view, the others come while it goes on.
    joined = chance.uniform(0.0, 1.0) if chance.happens(0.5) else 0.0
    record = UserRecord(
        id=uuid5(DEMO, f"{name}/viewer/{number}"),
        at=ends - WATCHED + (WATCHED - timedelta(days=1)) * joined,
        name=_name(chance, number),
        birth_year=chance.randint(1955, 2008),
        gender=chance.choice(("f", "m", "x", None)),
        country=chance.weighted(COUNTRIES),
        signup_source=chance.weighted(SOURCES),
    )
    return Viewer(record, tastes, math.exp(chance.gauss(0, 0.8)))
