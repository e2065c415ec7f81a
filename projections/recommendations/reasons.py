"""Why a video is in a list, from the same numbers that put it there."""

from collections.abc import Iterator
from itertools import chain, islice

import numpy as np

from projections.recommendations.arrays import Counts, highest
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

    def __init__(self, joined: Joined, user: int | None = None) -> None:
        self._joined = joined
        self._catalogue = joined.catalogue
        self._popularity = popularity = joined.learning.popularity
        self._viewer = None if user is None else Viewer(joined, user)
        items = len(joined.learning.items)
        self._popular_now = _leaders(popularity.shares(slice(items))[:, RECENT.index("recent_200")])
        self._popular = _leaders(popularity.positives[:items])

    def of_feed(self, video: int) -> tuple[Reason, ...]:
        """Why ``video`` is offered: what concerns this user first, at least one reason."""
        personal = () if self._viewer is None else self._viewer.reasons(video)
        found = tuple(islice(chain(personal, self._general(video)), AT_MOST))
        return found or (Reason(code=ReasonCode.NOT_SEEN_YET, text="You have not seen it yet"),)

    def of_similar(self, video: int, *, together: float, content: float) -> tuple[Reason, ...]:
        """Why another video is called like ``video``: how far it shares its company (0..1) and its content (cosine)."""
        title, identity = self._catalogue.titles[video], self._catalogue.id_of(video)
        found: list[Reason] = []
        if together > 0:
            text = f"Viewers who enjoy “{title}” enjoy this too"
            found.append(Reason(code=ReasonCode.WATCHED_TOGETHER, text=text, video_id=identity))
        if content > 0 and (content >= LIKE_ENOUGH or not found):
            text = f"Similar in content to “{title}”"
            found.append(Reason(code=ReasonCode.SIMILAR_CONTENT, text=text, video_id=identity))
        return tuple(found)

    def _general(self, video: int) -> Iterator[Reason]:
        item = self._joined.item_of(video)
        touches = float(self._popularity.touches[item]) if item >= 0 else 0.0
        if item in self._popular_now:
            yield Reason(code=ReasonCode.POPULAR_NOW, text="Popular right now")
        elif item in self._popular:
            yield Reason(code=ReasonCode.POPULAR, text="One of the most liked videos of all")
        if touches >= LIKED_BY and self._popularity.positives[item] / touches >= WELL_LIKED:
            yield Reason(code=ReasonCode.WELL_LIKED, text="Most who come to it stay or like it")
        if touches < FEW:
            yield Reason(code=ReasonCode.NEW, text="New here: few have seen it yet")


class Viewer:
    """What speaks for videos in one viewer's own history: only what is still published is named."""

    def __init__(self, joined: Joined, user: int) -> None:
        self._joined = joined
        self._catalogue = joined.catalogue
        self._user = user
        self._followed = joined.learning.audience.followed(user)
        rows = joined.learning.audience.positives(user)
        videos = joined.videos_of(rows)
        shown = videos >= 0
        shown[shown] = joined.catalogue.published[videos[shown]]
        self._rows = rows[shown]
        self._videos: list[int] = videos[shown].tolist()
        self._weights = 1.0 / np.sqrt(joined.learning.popularity.positives[self._rows] + 1.0)
        self._vectors = joined.catalogue.vectors[self._videos]

    def reasons(self, video: int) -> Iterator[Reason]:
        """What the viewer did that led to ``video``, the weightiest first."""
        creator = self._catalogue.creator_of(video)
        if creator.bytes in self._followed:
            yield Reason(code=ReasonCode.FOLLOWED_CREATOR, text="From a creator whom you follow", creator_id=creator)
        if not self._videos:
            return
        if (cause := self._cause(self._joined.item_of(video))) is not None:
            manner = self._joined.learning.audience.manner(self._user, int(self._rows[cause]))
            yield self._naming(cause, *BECAUSE[manner])
        cosines = self._vectors @ self._catalogue.vectors[video]
        alike = int(cosines.argmax())
        if cosines[alike] >= LIKE_ENOUGH:
            yield self._naming(alike, ReasonCode.SIMILAR_CONTENT, "Similar in content to “{}”")

    def _cause(self, item: int) -> int | None:
        """Which of the positives has been in the company of ``item`` most, if any has."""
        if item < 0:
            return None
        tables = self._joined.learning.company.tables
        together = tables[TOGETHER].evidence(self._rows, self._weights, item)
        in_reach = tables[IN_REACH].evidence(self._rows, self._weights, item)
        speaks = together + in_reach
        most = int(speaks.argmax())
        return most if speaks[most] > 0 else None

    def _naming(self, positive: int, code: ReasonCode, text: str) -> Reason:
        video = self._videos[positive]
        return Reason(code=code, text=text.format(self._catalogue.titles[video]), video_id=self._catalogue.id_of(video))


def _leaders(counts: Counts) -> frozenset[int]:
    leaders = highest(counts, TOP)
    return frozenset(leaders[counts[leaders] > 0].tolist())
