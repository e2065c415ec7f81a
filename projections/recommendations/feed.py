"""What a user should see next: what the ranker believes in, and a little of what nobody can know yet."""

from uuid import UUID
from zlib import crc32

import numpy as np

from projections.recommendations.arrays import Counts, Mask, highest
from projections.recommendations.joined import Joined
from projections.recommendations.question import FeedQuestion
from projections.recommendations.reasons import FEW

FOLLOWED_LIFT = 0.5
"""How far up from the middle to the top a video rises when its creator is followed."""

FRESH_EVERY = 10
"""One place in so many is for a video that few have seen: nothing else could ever find out who likes it."""

NEWNESS_HALF_LIFE = 500.0
"""In positions of the catalog log."""

COMPARED = 250
"""Of those that few have seen, the newest so many and as many drawn by chance are compared with the user's taste."""

CHANCE = 0.1
"""Of the appeal of a fresh video, so that not all users are asked to try the same one."""


def feed(joined: Joined, question: FeedQuestion, user: int | None) -> list[tuple[int, float]]:
    """Videos and their scores, best first; none that the user has seen, none that is not published."""
    allowed = joined.catalogue.allowed(question.genre, question.creator_id)
    if user is not None:
        allowed[joined.seen_by(user)] = False
    scores = _scores(joined, user, allowed)
    chosen = joined.best(scores, allowed, question.count)
    chosen = _with_fresh(joined, chosen, user, question, allowed)
    # A fresh video's score is what its place says, not what the ranker knows of it, which is nothing.
    return list(zip(chosen, np.minimum.accumulate(scores[chosen]).tolist() if chosen else [], strict=True))


def _scores(joined: Joined, user: int | None, allowed: Mask) -> Counts:
    """Of all videos: untouched ones stand in the middle, those of followed creators higher."""
    learned = joined.learning.scores(user)
    scores = joined.by_video(learned, otherwise=float(np.median(learned)) if len(learned) else 0.0)
    followed = frozenset[bytes]() if user is None else joined.learning.audience.followed(user)
    if followed and allowed.any():
        middle = np.median(scores[allowed])
        scores[joined.catalogue.by(followed)] += FOLLOWED_LIFT * (scores[allowed].max() - middle)
    return scores


def _with_fresh(
    joined: Joined, chosen: list[int], user: int | None, question: FeedQuestion, allowed: Mask
) -> list[int]:
    """``chosen`` with each tenth place given to a video that few have seen; a shorter list gets one at times."""
    touched = 0 if user is None else joined.learning.audience.seen_count(user)
    turn = crc32(question.user_id.bytes + touched.to_bytes(4)) % FRESH_EVERY
    places = (question.count + turn) // FRESH_EVERY
    popularity = joined.learning.popularity
    fresh = allowed & (joined.by_video(popularity.touches, otherwise=0.0) < FEW)
    fresh[chosen] = False
    for nth, video in enumerate(_freshest(joined, user, fresh, question.user_id, touched)[:places]):
        place = min((nth + 1) * FRESH_EVERY, question.count) - 1
        chosen = [*chosen[:place], video, *chosen[place:]][: question.count]
    return chosen


def _freshest(joined: Joined, user: int | None, fresh: Mask, user_id: UUID, touched: int) -> list[int]:
    """New ones first, and what is like the user's last positives; another draw after each touch."""
    catalogue = joined.catalogue
    chance = np.random.default_rng(crc32(user_id.bytes + touched.to_bytes(4))).random(len(catalogue))
    open_to = np.flatnonzero(fresh)
    if len(open_to) > 2 * COMPARED:
        newest, drawn = highest(catalogue.published_at[open_to], COMPARED), highest(chance[open_to], COMPARED)
        open_to = open_to[np.union1d(newest, drawn)]
    if not len(open_to):
        return []
    age = catalogue.published_at.max() - catalogue.published_at[open_to]
    appeal = 0.5 ** (age / NEWNESS_HALF_LIFE) + CHANCE * chance[open_to]
    liked = joined.liked_by(user)
    if len(liked):
        appeal += (catalogue.vectors[open_to] @ catalogue.vectors[liked].T).max(axis=1)
    return open_to[np.lexsort((open_to, -appeal))].tolist()
