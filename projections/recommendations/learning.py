"""All that is learned from what viewers do; it depends on the engagement log and nothing else."""

from collections import deque
from typing import Any

import msgspec
import numpy as np

from projections.recommendations.arrays import Counts, Index, Packed, Stored, restored, scattered, stored
from projections.recommendations.audience import Audience
from projections.recommendations.changes import EngagementChange, Follow, Manner, Touch
from projections.recommendations.popularity import Popularity
from projections.recommendations.ranker import Ranker
from projections.recommendations.sources import (
    FEATURES,
    FIRST_WEIGHTS,
    IN_REACH,
    NEXT,
    STEPS_BACK,
    TOGETHER,
    Company,
    Sources,
)

STRENGTHS = {
    Manner.WATCHED: 0.5,
    Manner.LIKED: 1.0,
    Manner.SHARED: 1.0,
    Manner.SAVED: 1.0,
    Manner.COMMENTED: 1.0,
    Manner.FOLLOWED: 1.0,
}
"""How positive a touch is: to say so counts twice as much as to watch on."""

TAKEN_BACK = frozenset({Manner.HIDDEN, Manner.UNLIKED, Manner.SKIPPED})
"""What ends a video's part in what is offered next; what others learned from the touch before stays."""

WATCHED_ENOUGH = 0.6
"""The part of a video that makes a view positive."""

JUDGED_AFTER = 64
"""First touches between a lesson's features and its label, so that a like may follow the view it belongs to."""

LESSON_EVERY = 6
"""First touches of which one makes a lesson: the ranker has few weights, and more lessons gain nothing measurable."""

SAMPLED = 10
"""Untouched videos drawn for a lesson, evenly: to take those that the ranker believes in most made it worse."""


NEWCOMER = 5
"""Touches below which a viewer is a newcomer: little is known of them, and other sources speak for them."""


class Lesson(msgspec.Struct):
    """A first touch whose outcome is awaited: ``features`` has the touched video first, then those passed over."""

    user: int
    item: int
    features: Stored
    newcomer: bool
    strength: float = 0.0


class Learning:
    """Takes in touches one by one, each first as a lesson for the ranker, then as counts."""

    def __init__(self, *, lesson_every: int = LESSON_EVERY) -> None:
        self.items = Index()
        self.audience = Audience()
        self.company = Company()
        self.popularity = Popularity()
        self._newcomers = Ranker(FEATURES, FIRST_WEIGHTS)
        self._regulars = Ranker(FEATURES, FIRST_WEIGHTS)
        self.sources = Sources(self.audience, self.company, self.popularity)
        self.position = 0
        self._lesson_every = lesson_every
        self._first_touches = 0
        self._lessons: deque[Lesson] = deque()

    def take(self, change: EngagementChange) -> None:
        """Learn from one change; the positions of changes ascend."""
        self.position = change.position
        user = self.audience.meet(change.user)
        if isinstance(change, Follow):
            self.audience.follow(user, change.creator, following=change.following)
            if change.after is not None:
                self._take_touch(user, Touch(change.position, change.user, change.after, Manner.FOLLOWED))
        else:
            self._take_touch(user, change)

    def scores(self, user: int | None) -> Counts:
        """How well each known video suits ``user``; shape ``(videos,)``, in the ranker's log-odds."""
        return self.sources.features(user, len(self.items), self.position) @ self.ranker(user).weights

    def ranker(self, user: int | None) -> Ranker:
        """The one that ranks for ``user``; None is somebody never met."""
        return self._newcomers if self._is_newcomer(user) else self._regulars

    def _is_newcomer(self, user: int | None) -> bool:
        return user is None or self.audience.seen_count(user) < NEWCOMER

    def _take_touch(self, user: int, touch: Touch) -> None:
        item = self._meet_item(touch.video)
        strength = self._strength(item, touch)
        if self.audience.see(user, item):
            self._first_touch(user, item)
        now = self.audience.manner(user, item)
        if touch.manner in TAKEN_BACK or (touch.manner is Manner.UNSAVED and now is Manner.SAVED):
            self.audience.forget_positive(user, item)
            return
        before = STRENGTHS.get(now, 0.0)
        if strength > before:
            self._count_positive(user, item, strength - before)
            self.audience.remember_positive(user, item, touch.manner)
            self._mark_lessons(user, item, strength)

    def _meet_item(self, video: bytes) -> int:
        known = self.items.get(video)
        if known is not None:
            return known
        item = self.items.number(video)
        self.company.make_room(len(self.items))
        self.popularity.make_room(len(self.items))
        return item

    def _strength(self, item: int, touch: Touch) -> float:
        if touch.manner is Manner.WATCHED:
            watched = touch.watched_ms or 0
            return STRENGTHS[touch.manner] if self.popularity.completion(item, watched) >= WATCHED_ENOUGH else 0.0
        return STRENGTHS.get(touch.manner, 0.0)

    def _first_touch(self, user: int, item: int) -> None:
        if self._first_touches % self._lesson_every == 0 and self.popularity.touches[item]:
            self._set_lesson(user, item)
        self._first_touches += 1
        if len(self._lessons) * self._lesson_every > JUDGED_AFTER:
            self._learn_lesson(self._lessons.popleft())
        self.popularity.touch(item, self.position)
        past = self.audience.touched(user)
        self.company.tables[IN_REACH].add(past, item, 1.0, both_ways=True)
        self.audience.remember_touch(user, item)

    def _count_positive(self, user: int, item: int, weight: float) -> None:
        self.popularity.add(item, weight)
        past = self.audience.positives(user)
        past = past[past != item]
        self.company.tables[TOGETHER].add(past, item, weight, both_ways=True)
        steps = self.audience.touched(user)[: STEPS_BACK + 1]
        self.company.tables[NEXT].add(steps[steps != item][:STEPS_BACK], item, weight, both_ways=False)

    def _set_lesson(self, user: int, item: int) -> None:
        """Put aside what was known of ``item`` before it was touched, beside what else could have been shown.

        The draw is seeded by the position, so that a replay draws the same.
        """
        drawn = np.unique(scattered(self.position, SAMPLED) % np.uint64(len(self.items))).astype(np.intp)
        seen = self.audience.seen(user)
        others = drawn[seen[np.searchsorted(seen, drawn).clip(max=len(seen) - 1)] != drawn]
        if not len(others):
            return
        features = self.sources.features(user, len(self.items), self.position, np.concatenate(([item], others)))
        self._lessons.append(Lesson(user, item, stored(features), self._is_newcomer(user)))

    def _mark_lessons(self, user: int, item: int, strength: float) -> None:
        for lesson in self._lessons:
            if lesson.user == user and lesson.item == item:
                lesson.strength = max(lesson.strength, strength)

    def _learn_lesson(self, lesson: Lesson) -> None:
        if lesson.strength:
            features = restored(lesson.features)
            ranker = self._newcomers if lesson.newcomer else self._regulars
            ranker.learn(features[0], features[1:], lesson.strength)

    def packed(self) -> dict[str, Any]:
        """For the checkpoint."""
        items = len(self.items)
        return {
            "position": self.position,
            "first_touches": self._first_touches,
            "lessons": list(self._lessons),
            "items": self.items.packed(),
            "audience": self.audience.packed(),
            "company": {name: table.packed(items) for name, table in self.company.tables.items()},
            "popularity": self.popularity.packed(items),
            "newcomers": self._newcomers.packed(),
            "regulars": self._regulars.packed(),
        }

    def restore(self, written: Packed) -> None:
        """As it was when packed."""
        self.position = written["position"]
        self._first_touches = written["first_touches"]
        self._lessons = deque(msgspec.convert(written["lessons"], list[Lesson]))
        self.items = Index(written["items"])
        self.audience.restore(written["audience"])
        for name, table in self.company.tables.items():
            table.restore(written["company"][name])
        self.popularity.restore(written["popularity"])
        self._newcomers.restore(written["newcomers"])
        self._regulars.restore(written["regulars"])
