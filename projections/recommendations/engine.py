"""The recommender itself: two states that never look at each other, and the answers that take both.

Growth, all of it bounded by what exists and not by how much happens: a viewer
takes about 500 bytes and 4 more for each video seen; a video about 1.4 KiB in
the catalogue and 6.2 KiB once somebody touched it.
"""

from collections.abc import Mapping
from uuid import UUID
from zlib import crc32

import msgspec
import numpy as np

from domain.catalog.video import VideoNotFound
from projections.recommendations.arrays import Counts, Indices, Mask, grown
from projections.recommendations.catalogue import Catalogue
from projections.recommendations.changes import CatalogChange, EngagementChange
from projections.recommendations.learning import Learning
from projections.recommendations.question import FeedQuestion, Reason, Recommended, SimilarQuestion
from projections.recommendations.reasons import FEW, Reasons
from projections.recommendations.sources import TOGETHER
from projections.recommendations.vectors import Embedder, HashedWords

FOLLOWED_LIFT = 0.5
"""How far up from the middle to the top a video rises when its creator is followed."""

FRESH_EVERY = 10
"""One place in so many is for a video that few have seen: nothing else could ever find out who likes it."""

NEWNESS_HALF_LIFE = 500.0
"""In positions of the catalog log."""

CONTENT_SHARE = 0.5
"""What likeness of content weighs against company, for a video whose company is known well."""

FORMAT = 1


class CheckpointUnreadable(Exception):
    """Written in another format, or with vectors of another meaning: only a replay helps."""


class Engine:
    """Learns from changes and answers questions; plain arrays in this process, nothing else.

    The same changes in the same order of each log give the same answers,
    whatever the order between the logs, in every process and after any number
    of dumps and loads.
    """

    def __init__(self, embedder: Embedder | None = None) -> None:
        self.learning = Learning()
        self._embedder = embedder or HashedWords()
        self.catalogue = Catalogue(self._embedder)
        self._item_of: Indices = np.zeros(0, np.int32)
        self._video_of: Indices = np.zeros(0, np.int32)
        self._linked = (0, 0)

    def learn(self, change: EngagementChange) -> None:
        """Take in one change of the engagement log; positions must not go back."""
        self.learning.take(change)

    def enlist(self, change: CatalogChange) -> None:
        """Take in one change of the catalog log; safe to repeat."""
        self.catalogue.take(change)

    # --- answers --------------------------------------------------------------

    def feed(self, question: FeedQuestion) -> tuple[Recommended, ...]:
        """The next videos for a user, best first; newer ones first among equals."""
        self._link()
        user = self.learning.audience.users.get(question.user_id.bytes)
        allowed = self.catalogue.allowed(question.genre, question.creator_id)
        if user is not None:
            seen = self._video_of[self.learning.audience.seen(user)]
            allowed[seen[seen >= 0]] = False
        scores = self._feed_scores(user, allowed)
        chosen = self._best(scores, allowed, question.count)
        chosen = self._with_fresh(chosen, user, question, allowed)
        ordered = np.minimum.accumulate(scores[chosen]) if len(chosen) else scores[:0]
        reasons = Reasons(self.learning, self.catalogue, self._item_of, self._video_of)
        return tuple(
            self._recommended(video, score, reasons.of_feed(user, video))
            for video, score in zip(chosen, ordered.tolist(), strict=True)
        )

    def similar(self, question: SimilarQuestion, near: Mapping[UUID, float] | None = None) -> tuple[Recommended, ...]:
        """The videos most like one: in whose company it is watched, and what it is about.

        ``near`` gives cosines of content where an index has looked them up, and
        is taken to be all that is near; without it the vectors here are
        searched.  Raises `VideoNotFound` unless the video is published.
        """
        self._link()
        video = self._require(question.video_id)
        allowed = self.catalogue.allowed(question.genre, question.creator_id)
        allowed[video] = False
        content = self._content(video) if near is None else self._looked_up(near)
        together, certainty = self._company(video)
        scores = certainty * together + (1.0 - (1.0 - CONTENT_SHARE) * certainty) * np.maximum(content, 0.0)
        reasons = Reasons(self.learning, self.catalogue, self._item_of, self._video_of)
        return tuple(
            self._recommended(
                other,
                float(scores[other]),
                reasons.of_similar(video, together=float(together[other]), content=float(content[other])),
            )
            for other in self._best(scores, allowed & (scores > 0), question.count)
        )

    def _recommended(self, video: int, score: float, reasons: tuple[Reason, ...]) -> Recommended:
        return Recommended(
            video_id=self.catalogue.id_of(video),
            title=self.catalogue.titles[video],
            creator_id=self.catalogue.creator_of(video),
            score=round(score, 6),
            reasons=reasons,
        )

    def _feed_scores(self, user: int | None, allowed: Mask) -> Counts:
        """Scores of all videos; what nobody has touched stands in the middle, and followed creators' stand higher."""
        learned = self.learning.scores(user)
        items = self._item_of[: len(self.catalogue)]
        known = items >= 0
        scores = np.full(len(items), np.median(learned) if len(learned) else 0.0)
        scores[known] = learned[items[known]]
        followed = frozenset[bytes]() if user is None else self.learning.audience.followed(user)
        if followed and allowed.any():
            middle = np.median(scores[allowed])
            scores[self.catalogue.by(followed)] += FOLLOWED_LIFT * (scores[allowed].max() - middle)
        return scores

    def _best(self, scores: Counts, allowed: Mask, count: int) -> list[int]:
        open_to = np.flatnonzero(allowed)
        if len(open_to) > count:
            least = np.partition(scores[open_to], len(open_to) - count)[len(open_to) - count]
            open_to = open_to[scores[open_to] >= least]
        order = np.lexsort((open_to, -self.catalogue.published_at[open_to], -scores[open_to]))
        return open_to[order[:count]].tolist()

    def _with_fresh(self, chosen: list[int], user: int | None, question: FeedQuestion, allowed: Mask) -> list[int]:
        """``chosen`` with each tenth place given to a video that few have seen; a shorter list gets one at times."""
        touched = 0 if user is None else self.learning.audience.seen_count(user)
        turn = crc32(question.user_id.bytes + touched.to_bytes(4)) % FRESH_EVERY
        places = (question.count + turn) // FRESH_EVERY
        fresh = allowed & (self._touches() < FEW)
        fresh[chosen] = False
        for nth, video in enumerate(self._freshest(user, fresh, question.user_id, touched)[:places]):
            place = min((nth + 1) * FRESH_EVERY, question.count) - 1
            chosen = [*chosen[:place], video, *chosen[place:]][: question.count]
        return chosen

    def _freshest(self, user: int | None, fresh: Mask, user_id: UUID, touched: int) -> list[int]:
        """New first, and what is like the user's last positives; a little chance, so that users help to explore."""
        open_to = np.flatnonzero(fresh)
        if not len(open_to):
            return []
        age = self.catalogue.published_at.max() - self.catalogue.published_at[open_to]
        chance = np.random.default_rng(crc32(user_id.bytes + touched.to_bytes(4))).random(len(self.catalogue))
        appeal = 0.5 ** (age / NEWNESS_HALF_LIFE) + 0.1 * chance[open_to]
        liked = self._liked_videos(user)
        if len(liked):
            appeal += (self.catalogue.vectors[open_to] @ self.catalogue.vectors[liked].T).max(axis=1)
        return open_to[np.lexsort((open_to, -appeal))].tolist()

    def _liked_videos(self, user: int | None) -> Indices:
        if user is None:
            return np.zeros(0, np.int32)
        videos = self._video_of[self.learning.audience.positives(user)]
        return videos[videos >= 0]

    def _touches(self) -> Counts:
        items = self._item_of[: len(self.catalogue)]
        touches, known = np.zeros(len(items)), items >= 0
        touches[known] = self.learning.popularity.touches[items[known]]
        return touches

    def _require(self, video_id: UUID) -> int:
        video = self.catalogue.videos.get(video_id.bytes)
        if video is None or not self.catalogue.published[video]:
            raise VideoNotFound("there is no such video")
        return video

    def _content(self, video: int) -> Counts:
        return (self.catalogue.vectors @ self.catalogue.vectors[video]).astype(np.float64)

    def _looked_up(self, near: Mapping[UUID, float]) -> Counts:
        content = np.zeros(len(self.catalogue))
        for identity, cosine in near.items():
            found = self.catalogue.videos.get(identity.bytes)
            if found is not None:
                content[found] = cosine
        return content

    def _company(self, video: int) -> tuple[Counts, float]:
        """How much each video is liked together with this one (1 for the most), and how much is known of that."""
        together, item = np.zeros(len(self.catalogue)), int(self._item_of[video])
        if item < 0:
            return together, 0.0
        learning = self.learning
        rows, items = np.array([item], np.int32), len(learning.items)
        mass = learning.popularity.positives[:items]
        raw = learning.company.tables[TOGETHER].scores(rows, np.ones(1), items) / np.sqrt(mass + 5.0)
        links = self._item_of[: len(together)]
        together[links >= 0] = raw[links[links >= 0]]
        together[video] = 0.0
        most = float(together.max())
        return (together / most if most else together), float(mass[item] / (mass[item] + 10.0))

    # --- what joins the two states --------------------------------------------

    def _link(self) -> None:
        """Tell each side of the videos that the other has met since the last answer."""
        items, videos = self.learning.items, self.catalogue.videos
        known_items, known_videos = self._linked
        self._video_of = grown(self._video_of, len(items), fill=-1)
        self._item_of = grown(self._item_of, len(videos), fill=-1)
        for item in range(known_items, len(items)):
            if (video := videos.get(items.ids[item])) is not None:
                self._video_of[item], self._item_of[video] = video, item
        for video in range(known_videos, len(videos)):
            if (item := items.get(videos.ids[video])) is not None:
                self._video_of[item], self._item_of[video] = video, item
        self._linked = (len(items), len(videos))

    # --- checkpoint -----------------------------------------------------------

    def dump(self) -> bytes:
        """The whole state; `load` goes on from it as if nothing had happened in between."""
        return msgspec.msgpack.encode(
            {"format": FORMAT, "learning": self.learning.packed(), "catalogue": self.catalogue.packed()}
        )

    def load(self, state: bytes) -> None:
        """Take the state of a dump.  Raises `CheckpointUnreadable`, and then this engine is as it was."""
        written = msgspec.msgpack.decode(state)
        if written.get("format") != FORMAT or written["catalogue"]["embedder"] != self._embedder.name:
            raise CheckpointUnreadable("the checkpoint was written by another version; replay the logs")
        learning, catalogue = Learning(), Catalogue(self._embedder)
        learning.restore(written["learning"])
        catalogue.restore(written["catalogue"])
        self.learning, self.catalogue = learning, catalogue
        self._item_of, self._video_of, self._linked = np.zeros(0, np.int32), np.zeros(0, np.int32), (0, 0)
