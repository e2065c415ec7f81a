"""What the viewers of the example platform do: sessions of an evening, one video after the other.

What somebody is shown depends on what is popular, new, alike the last one, or
by somebody they follow; what they do with it depends on their taste.
"""

import math
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Any
from uuid import UUID

from application.demo.chance import Chance
from application.demo.words import DEVICES, SYSTEMS
from application.demo.world import Viewer, World
from application.history.records import InteractionRecord, VideoRecord
from domain.engagement.report import Kind

IN_A_SESSION = 10
LAST_START, LAST_VIEW = timedelta(hours=2), timedelta(hours=1)
"""How long before the world ends nobody sits down any more, or begins another video."""

WAYS = (("popular", 60), ("new", 15), ("alike", 15), ("followed", 10))
"""How somebody comes to a video, and how often: whatever draws them, the newest, more of the same, a creator's."""

NEWEST, LOOKED_AT, OFFERS = 30, 80, 6
"""How many are new; how many they look through for more of the same; how often they pass over what they have seen."""

SUITS = 1.5
"""The affinity from which on somebody wants more of the same."""

SEARCHES, SKIPPED, HIDDEN = 0.1, 0.6, 0.03
"""How often a session begins with a search, what is not watched is skipped, and what is disliked is hidden."""

WATCHED_WELL = 0.75
LIKED, SHARED, SAVED, COMMENTED, FOLLOWED = 0.4, 0.06, 0.1, 0.05, 0.12
"""How often each follows a view of more than `WATCHED_WELL` of the video."""


def interactions(world: World) -> Sequence[InteractionRecord]:
    """All that happens, by time; about as many as the world asks for."""
    activity = sum(viewer.activity for viewer in world.viewers)
    happened: list[InteractionRecord] = []
    for viewer in world.viewers:
        share = round(world.interactions * viewer.activity / activity)
        happened.extend(_Watching(world, viewer).all(share))
    return sorted(happened, key=lambda record: (record.at, record.id))


class _Watching:
    """One viewer, from the first session to the last."""

    def __init__(self, world: World, viewer: Viewer) -> None:
        self._world = world
        self._viewer = viewer
        self._chance = Chance(str(viewer.record.id))
        self._published = [video.at for video in world.videos]
        appeal = [world.appeal[video.id] for video in world.videos]
        self._affinity = [viewer.affinity(video, world.appeal[video.id]) for video in world.videos]
        draws = (math.exp(1.2 * suits + appeals) for suits, appeals in zip(self._affinity, appeal, strict=True))
        self._attraction = list(accumulate(draws))
        self._seen: set[UUID] = set()
        self._followed: set[UUID] = set()
        self._told = 0
        self._session: dict[str, Any] = {}

    def all(self, number: int) -> Iterator[InteractionRecord]:
        """Sessions of ten interactions or so, which make about ``number`` together."""
        starts = self._starts(max(1, round(number / IN_A_SESSION)))
        for session, at in enumerate(starts):
            device = self._chance.weighted(DEVICES)
            self._session = {
                "session_id": f"{self._viewer.record.id.hex[:8]}-{session}",
                "device": device,
                "os": SYSTEMS[device],
                "country": self._viewer.record.country,
            }
            yield from self._watch(at, number / len(starts) * self._chance.uniform(0.5, 1.5))

    def _starts(self, sessions: int) -> Sequence[datetime]:
        """When sessions begin, oldest first: on any day since they joined, most in the evening."""
        joined, last = self._viewer.record.at, self._world.ends - LAST_START
        starts: list[datetime] = []
        for _ in range(sessions):
            at = joined + (last - joined) * self._chance.random()
            evening = at.replace(hour=min(23, max(0, round(self._chance.gauss(19, 3)))))
            starts.append(evening if joined < evening < last else at)
        return sorted(starts)

    def _watch(self, at: datetime, number: float) -> Iterator[InteractionRecord]:
        before, told = -1, self._told
        if self._chance.happens(SEARCHES):
            yield self._record(at, "search", query=self._chance.choice(list(self._viewer.tastes)))
        while self._told - told < number and at < self._world.ends - LAST_VIEW:
            at += timedelta(seconds=self._chance.uniform(1, 8))
            chosen = self._choose(at, before)
            for record in self._react(at, self._world.videos[chosen], self._affinity[chosen]):
                at = record.at
                yield record
            before = chosen if self._affinity[chosen] > SUITS else -1

    def _choose(self, at: datetime, before: int) -> int:
        """The place of the next video among those published, not seen yet if that can be had."""
        there = max(1, bisect_left(self._published, at))
        chosen = 0
        for _ in range(OFFERS):
            chosen = self._pick(there, before)
            if self._world.videos[chosen].id not in self._seen:
                break
        return chosen

    def _pick(self, there: int, before: int) -> int:
        way = self._chance.weighted(WAYS)
        if way == "new":
            return self._chance.randrange(max(0, there - NEWEST), there)
        candidates: Sequence[int] = ()
        if way == "alike" and before >= 0:
            candidates = [n for n in self._some(there) if _alike(self._world.videos[n], self._world.videos[before])]
        elif way == "followed" and self._followed:
            candidates = [n for n in self._some(there) if self._world.videos[n].creator_id in self._followed]
        if candidates:
            return self._chance.choice(candidates)
        return min(there - 1, bisect_left(self._attraction, self._chance.random() * self._attraction[there - 1]))

    def _some(self, there: int) -> Sequence[int]:
        return self._chance.sample(range(there), min(there, LOOKED_AT))

    def _react(self, at: datetime, video: VideoRecord, affinity: float) -> Iterator[InteractionRecord]:
        self._seen.add(video.id)
        liking = 1 / (1 + math.exp(1.6 - 1.4 * affinity))
        about: dict[str, Any] = {"video_id": video.id, "creator_id": video.creator_id}
        if self._chance.happens(0.35 + 0.6 * liking):
            part = min(1.0, max(0.03, self._chance.gauss(0.15 + 0.85 * liking, 0.2)))
            watched = round(part * (video.duration_ms or 0))
            at += timedelta(milliseconds=watched)
            yield self._record(at, "view", watched_ms=watched, **about)
            if part > WATCHED_WELL:
                yield from self._approve(at, video, about)
        else:
            yield self._record(at, "skip" if self._chance.happens(SKIPPED) else "impression", **about)
            if self._chance.happens(HIDDEN * (1 - liking)):
                yield self._record(at + timedelta(seconds=1), "hide", **about)

    def _approve(self, at: datetime, video: VideoRecord, about: dict[str, Any]) -> Iterator[InteractionRecord]:
        ways: tuple[tuple[Kind, float], ...] = (
            ("like", LIKED),
            ("share", SHARED),
            ("save", SAVED),
            ("comment", COMMENTED),
            ("follow", 0.0 if video.creator_id in self._followed else FOLLOWED),
        )
        for kind, share in ways:
            if self._chance.happens(share):
                at += timedelta(seconds=self._chance.uniform(0.5, 3))
                if kind == "follow":
                    self._followed.add(video.creator_id)
                yield self._record(at, kind, **about)

    def _record(self, at: datetime, kind: Kind, **told: Any) -> InteractionRecord:
        self._told += 1
        name = f"{self._viewer.record.id}/{self._told}"
        return InteractionRecord(
            id=self._world.id_of(name), at=at, user_id=self._viewer.record.id, kind=kind, **told, **self._session
        )


def _alike(one: VideoRecord, other: VideoRecord) -> bool:
    return one.genre == other.genre and bool(set(one.themes) & set(other.themes))
