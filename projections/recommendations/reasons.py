"""Why a video is in a list, from the same numbers that put it there."""

from collections.abc import Iterator
from itertools import islice

import numpy as np

from projections.recommendations.changes import Manner
from projections.recommendations.joined import Joined
from projections.recommendations.question import Reason, ReasonCode
from projections.recommendations.sources import IN_REACH, RECENT, TOGETHER

FEW = 5
"""A video that fewer viewers have touched is one that few have seen."""

AT_MOST = 3
"""Reasons given for one video."""

LIKE_ENOUGH = 0.3
"""Cosine of content from which two videos are called similar."""

TOP = 20
"""Places of the charts that are called popular."""

WELL_LIKED = 0.75
LIKED_BY = 20.0
"""Positive weight per touch, and touches, from which a video is called well liked."""

BECAUSE = {
    Manner.WATCHED: (ReasonCode.BECAUSE_YOU_WATCHED, "Because you watched “{}”"),
    Manner.LIKED: (ReasonCode.BECAUSE_YOU_LIKED, "Because you liked “{}”"),
    Manner.SHARED: (ReasonCode.BECAUSE_YOU_SHARED, "Because you shared “{}”"),
    Manner.SAVED: (ReasonCode.BECAUSE_YOU_SAVED, "Because you saved “{}”"),
    Manner.COMMENTED: (ReasonCode.BECAUSE_YOU_COMMENTED, "Because you commented on “{}”"),
    Manner.FOLLOWED: (ReasonCode.BECAUSE_YOU_FOLLOWED, "Because you followed a creator after “{}”"),
}


class Reasons:
    """Finds the evidence for one answer; reads the state as it stands and must not outlive it."""

    def __init__(self, joined: Joined) -> None:
        self._joined = joined
        self._catalogue = joined.catalogue
        self._learning = learning = joined.learning
        shares = learning.popularity.shares(slice(len(learning.items)))
        self._popular_now = _leaders(shares[:, RECENT.index("recent_200")])
        self._popular = _leaders(learning.popularity.positives[: len(learning.items)])

    def of_feed(self, user: int | None, video: int) -> tuple[Reason, ...]:
        """Why ``video`` is offered to ``user``: what concerns this user first, at least one reason."""
        personal = () if user is None else self._personal(user, video)
        found = tuple(islice((reason for part in (personal, self._general(video)) for reason in part), AT_MOST))
        return found or (Reason(code=ReasonCode.NOT_SEEN_YET, text="You have not seen it yet"),)

    def of_similar(self, video: int, *, together: float, content: float) -> tuple[Reason, ...]:
        """Why another video is called like ``video``: how far it shares its company (0..1) and its content (cosine)."""
        title, identity = self._catalogue.titles[video], self._catalogue.id_of(video)
        found: list[Reason] = []
        if together > 0:
            text = f"Viewers who like “{title}” like this too"
            found.append(Reason(code=ReasonCode.WATCHED_TOGETHER, text=text, video_id=identity))
        if content > 0 and (content >= LIKE_ENOUGH or not found):
            text = f"Similar in content to “{title}”"
            found.append(Reason(code=ReasonCode.SIMILAR_CONTENT, text=text, video_id=identity))
        return tuple(found)

    def _personal(self, user: int, video: int) -> Iterator[Reason]:
        creator = self._catalogue.creator_of(video)
        if creator.bytes in self._learning.audience.followed(user):
            yield Reason(code=ReasonCode.FOLLOWED_CREATOR, text="From a creator whom you follow", creator_id=creator)
        cause = self._cause(user, self._joined.item_of(video))
        if cause is not None:
            yield self._because(user, cause)
        like = self._alike(user, video)
        if like is not None:
            title = self._catalogue.titles[like]
            text = f"Similar in content to “{title}”"
            yield Reason(code=ReasonCode.SIMILAR_CONTENT, text=text, video_id=self._catalogue.id_of(like))

    def _general(self, video: int) -> Iterator[Reason]:
        item = self._joined.item_of(video)
        popularity = self._learning.popularity
        touches = float(popularity.touches[item]) if item >= 0 else 0.0
        if item in self._popular_now:
            yield Reason(code=ReasonCode.POPULAR_NOW, text="Popular right now")
        elif item in self._popular:
            yield Reason(code=ReasonCode.POPULAR, text="One of the most liked videos of all")
        if touches >= LIKED_BY and popularity.positives[item] / touches >= WELL_LIKED:
            yield Reason(code=ReasonCode.WELL_LIKED, text="Most who come to it stay or like it")
        if touches < FEW:
            yield Reason(code=ReasonCode.NEW, text="New here: few have seen it yet")

    def _cause(self, user: int, item: int) -> int | None:
        """The published video among the user's positives that speaks most for ``item``, if any does."""
        if item < 0:
            return None
        rows = self._learning.audience.positives(user)
        if not len(rows):
            return None
        weights = 1.0 / np.sqrt(self._learning.popularity.positives[rows] + 1.0)
        tables = self._learning.company.tables
        speaks = sum(tables[source].evidence(rows, weights, item) for source in (TOGETHER, IN_REACH))
        videos = self._joined.videos_of(rows)
        shown = (videos >= 0) & self._catalogue.published[videos]
        speaks = np.where(shown, speaks, 0.0)
        best = int(speaks.argmax())
        return int(rows[best]) if speaks[best] > 0 else None

    def _because(self, user: int, cause: int) -> Reason:
        video = int(self._joined.videos_of(np.array([cause]))[0])
        code, because = BECAUSE[self._learning.audience.manner(user, cause)]
        text = because.format(self._catalogue.titles[video])
        return Reason(code=code, text=text, video_id=self._catalogue.id_of(video))

    def _alike(self, user: int, video: int) -> int | None:
        """The published video among the user's positives whose content is most like this one, if it is like enough."""
        videos = self._joined.liked_by(user)
        if not len(videos):
            return None
        cosines = self._catalogue.vectors[videos] @ self._catalogue.vectors[video]
        best = int(cosines.argmax())
        return int(videos[best]) if cosines[best] >= LIKE_ENOUGH else None


def _leaders(counts: np.ndarray) -> frozenset[int]:
    if not len(counts):
        return frozenset()
    order = np.argsort(-counts, kind="stable")[:TOP]
    return frozenset(order[counts[order] > 0].tolist())
