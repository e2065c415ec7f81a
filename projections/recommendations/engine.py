"""The recommender itself: two states that never look at each other, and the answers that take both.

Growth, all of it bounded by what exists and not by how much happens: a viewer
takes about 500 bytes and 4 more for each video seen; a video about 1.4 KiB in
the catalogue and 6.2 KiB once somebody touched it.
"""

from collections.abc import Iterator, Mapping
from uuid import UUID

import msgspec
import numpy as np

from domain.catalog.video import VideoNotFound
from projections.recommendations.catalogue import Catalogue
from projections.recommendations.changes import CatalogChange, EngagementChange
from projections.recommendations.feed import feed
from projections.recommendations.joined import Joined
from projections.recommendations.learning import Learning
from projections.recommendations.ports import Point
from projections.recommendations.question import FeedQuestion, Reason, Recommended, SimilarQuestion
from projections.recommendations.reasons import Reasons
from projections.recommendations.similar import Likeness
from projections.recommendations.vectors import Embedder, HashedWords

FORMAT = 1
"""Of a dump; raised when its arrays mean something else."""


class CheckpointUnreadable(Exception):
    """Written in another format, or with vectors of another meaning: only a replay helps."""


class Engine:
    """Learns from changes and answers questions; plain arrays in this process, nothing else.

    The same changes in the same order of each log give the same answers,
    whatever the order between the logs, in every process and after any number
    of dumps and loads.
    """

    def __init__(self, embedder: Embedder | None = None) -> None:
        self._embedder = embedder or HashedWords()
        self._joined = Joined(Learning(), Catalogue(self._embedder))

    @property
    def position(self) -> int:
        """The last position of the engagement log that anything was learned from."""
        return self._joined.learning.position

    def learn(self, change: EngagementChange) -> None:
        """Take in one change of the engagement log; positions must not go back."""
        self._joined.learning.take(change)

    def enlist(self, change: CatalogChange) -> None:
        """Take in one change of the catalog log; safe to repeat."""
        self._joined.catalogue.take(change)

    def feed(self, question: FeedQuestion) -> tuple[Recommended, ...]:
        """The next videos for a user, best first."""
        self._joined.link()
        user = self._joined.learning.audience.users.get(question.user_id.bytes)
        reasons = Reasons(self._joined, user)
        return tuple(
            self._recommended(video, score, reasons.of_feed(video))
            for video, score in feed(self._joined, question, user)
        )

    def similar(self, question: SimilarQuestion, near: Mapping[UUID, float] | None = None) -> tuple[Recommended, ...]:
        """The videos most like one, best first; for ``near`` see `Likeness`.

        Raises `VideoNotFound` unless the video is published.
        """
        self._joined.link()
        catalogue = self._joined.catalogue
        video = catalogue.videos.get(question.video_id.bytes)
        if video is None or not catalogue.published[video]:
            raise VideoNotFound("there is no such video")
        likeness, reasons = Likeness(self._joined, video, near), Reasons(self._joined)
        return tuple(
            self._recommended(
                other,
                float(likeness.scores[other]),
                reasons.of_similar(
                    video, together=float(likeness.together[other]), content=float(likeness.content[other])
                ),
            )
            for other in likeness.closest(self._joined, question, video)
        )

    def _recommended(self, video: int, score: float, reasons: tuple[Reason, ...]) -> Recommended:
        catalogue = self._joined.catalogue
        return Recommended(
            video_id=catalogue.id_of(video),
            title=catalogue.titles[video],
            creator_id=catalogue.creator_of(video),
            score=round(score, 6),
            reasons=reasons,
        )

    # --- the vectors, for whoever copies them ---------------------------------

    def point(self, video_id: UUID) -> Point | None:
        """A published video among vectors; None for any other."""
        catalogue = self._joined.catalogue
        video = catalogue.videos.get(video_id.bytes)
        if video is None or not catalogue.published[video]:
            return None
        return Point(video_id, catalogue.creator_of(video), catalogue.genre_of(video), catalogue.vectors[video])

    def every_point(self) -> Iterator[UUID]:
        """All published videos."""
        catalogue = self._joined.catalogue
        return map(catalogue.id_of, np.flatnonzero(catalogue.published).tolist())

    def point_count(self) -> int:
        """How many those are."""
        return int(self._joined.catalogue.published.sum())

    # --- checkpoint -----------------------------------------------------------

    def dump(self) -> bytes:
        """The whole state; `load` goes on from it as if nothing had happened in between."""
        learning, catalogue = self._joined.learning.packed(), self._joined.catalogue.packed()
        return msgspec.msgpack.encode({"format": FORMAT, "learning": learning, "catalogue": catalogue})

    def load(self, state: bytes) -> None:
        """Take the state of a dump.  Raises `CheckpointUnreadable`, and then this engine is as it was."""
        written = msgspec.msgpack.decode(state)
        if written.get("format") != FORMAT or written["catalogue"]["embedder"] != self._embedder.name:
            raise CheckpointUnreadable("the checkpoint was written by another version; replay the logs")
        learning, catalogue = Learning(), Catalogue(self._embedder)
        learning.restore(written["learning"])
        catalogue.restore(written["catalogue"])
        self._joined = Joined(learning, catalogue)
