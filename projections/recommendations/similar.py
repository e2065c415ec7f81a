"""What is like a video: in whose company it is liked, and what it is about."""

from collections.abc import Mapping
from uuid import UUID

import numpy as np

from projections.recommendations.arrays import Counts
from projections.recommendations.joined import Joined
from projections.recommendations.question import SimilarQuestion
from projections.recommendations.sources import TOGETHER

CONTENT_SHARE = 0.5
"""What likeness of content weighs against company, for a video whose company is known well."""

WELL_KNOWN = 10.0
"""Weight of positives at which half of what is to be known of a video's company is known."""

DAMPING = 5.0
"""Positives added to each video, so that one pair of touches does not make the closest company."""


class Likeness:
    """How like one video all others are; arrays in the catalogue's order.

    ``near`` gives cosines of content where an index has looked them up, and is
    taken to be all that is near; without it every vector is compared.
    """

    def __init__(self, joined: Joined, video: int, near: Mapping[UUID, float] | None) -> None:
        self.content = _content(joined, video) if near is None else _looked_up(joined, near)
        self.together, certainty = _company(joined, video)
        by_content = 1.0 - (1.0 - CONTENT_SHARE) * certainty
        self.scores = certainty * self.together + by_content * np.maximum(self.content, 0.0)

    def closest(self, joined: Joined, question: SimilarQuestion, video: int) -> list[int]:
        """The videos most like ``video`` among those the question allows, best first."""
        allowed = joined.catalogue.allowed(question.genre, question.creator_id) & (self.scores > 0)
        allowed[video] = False
        return joined.best(self.scores, allowed, question.count)


def _content(joined: Joined, video: int) -> Counts:
    vectors = joined.catalogue.vectors
    return (vectors @ vectors[video]).astype(np.float64)


def _looked_up(joined: Joined, near: Mapping[UUID, float]) -> Counts:
    content = np.zeros(len(joined.catalogue))
    for identity, cosine in near.items():
        video = joined.catalogue.videos.get(identity.bytes)
        if video is not None:
            content[video] = cosine
    return content


def _company(joined: Joined, video: int) -> tuple[Counts, float]:
    """How much each video is liked together with this one (1 for the most), and how much is known of that (0..1)."""
    learning, item = joined.learning, joined.item_of(video)
    if item < 0:
        return np.zeros(len(joined.catalogue)), 0.0
    items = len(learning.items)
    mass = learning.popularity.positives[:items]
    shared = learning.company.tables[TOGETHER].scores(np.array([item], np.int32), np.ones(1), items)
    together = joined.by_video(shared / np.sqrt(mass + DAMPING), otherwise=0.0)
    together[video] = 0.0
    most = float(together.max())
    certainty = float(mass[item] / (mass[item] + WELL_KNOWN))
    return (together / most if most else together), certainty
