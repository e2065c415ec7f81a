"""The two states side by side: which video of the catalogue is which of those that were learned about."""

import numpy as np

from projections.recommendations.arrays import Counts, Indices, Mask, grown
from projections.recommendations.catalogue import Catalogue
from projections.recommendations.learning import Learning

NONE = -1


class Joined:
    """Reads both states and changes neither; ``items`` are numbers of what was learned, ``videos`` of the catalogue."""

    def __init__(self, learning: Learning, catalogue: Catalogue) -> None:
        self.learning = learning
        self.catalogue = catalogue
        self._item_of: Indices = np.zeros(0, np.int32)
        self._video_of: Indices = np.zeros(0, np.int32)
        self._linked = (0, 0)

    def link(self) -> None:
        """Take note of the videos that either side has met since the last time."""
        items, videos = self.learning.items, self.catalogue.videos
        known_items, known_videos = self._linked
        self._video_of = grown(self._video_of, len(items), fill=NONE)
        self._item_of = grown(self._item_of, len(videos), fill=NONE)
        for item in range(known_items, len(items)):
            if (video := videos.get(items.ids[item])) is not None:
                self._video_of[item], self._item_of[video] = video, item
        for video in range(known_videos, len(videos)):
            if (item := items.get(videos.ids[video])) is not None:
                self._video_of[item], self._item_of[video] = video, item
        self._linked = (len(items), len(videos))

    def item_of(self, video: int) -> int:
        """What is learned about a video stands there; -1 while nobody has touched it."""
        return int(self._item_of[video])

    def videos_of(self, items: Indices) -> Indices:
        """The catalogue's numbers of ``items``; -1 for what the catalogue does not know."""
        return self._video_of[items]

    def by_video(self, by_item: Counts, *, otherwise: float) -> Counts:
        """What was learned of each item, in the catalogue's order; ``otherwise`` for videos nobody has touched."""
        items = self._item_of[: len(self.catalogue)]
        values, known = np.full(len(items), otherwise), items >= 0
        values[known] = by_item[items[known]]
        return values

    def seen_by(self, user: int) -> Indices:
        """All videos of the catalogue that a user has seen."""
        videos = self._video_of[self.learning.audience.seen(user)]
        return videos[videos >= 0]

    def liked_by(self, user: int | None) -> Indices:
        """The published videos among a user's last positives, newest first; none for somebody never met."""
        if user is None:
            return np.zeros(0, np.int32)
        videos = self._video_of[self.learning.audience.positives(user)]
        videos = videos[videos >= 0]
        return videos[self.catalogue.published[videos]]

    def best(self, scores: Counts, allowed: Mask, count: int) -> list[int]:
        """The ``count`` allowed videos of the highest scores, newer ones first among equals."""
        open_to = np.flatnonzero(allowed)
        if len(open_to) > count:
            least = np.partition(scores[open_to], len(open_to) - count)[len(open_to) - count]
            open_to = open_to[scores[open_to] >= least]
        order = np.lexsort((open_to, -self.catalogue.published_at[open_to], -scores[open_to]))
        return open_to[order[:count]].tolist()
