"""Answers kept for a moment, so that asking the same again costs nothing."""

import asyncio
from collections.abc import Mapping
from hashlib import blake2b
from uuid import UUID

import msgspec

from adapters.redis.connection import RedisConnection
from adapters.redis.freshness import FLOOR, PREFIX, touched_key
from projections.recommendations.question import Answer, FeedQuestion, Recommender, SimilarQuestion

KEPT_SECONDS = 60.0
"""What others do meanwhile is not in a kept answer: popularity may be so old, never the user's own history."""

_read = msgspec.msgpack.Decoder(Answer).decode
_write = msgspec.msgpack.Encoder().encode


class RedisAnswers:
    """Keeps answers by what was asked and by whom; gives one out only if nothing speaks against it.

    An answer counts if it was computed at or after the user's last interaction
    and the last change of the catalogue, and knows of all that the question
    says it must.  While Redis is away there is none.
    """

    def __init__(self, connection: RedisConnection) -> None:
        self._connection = connection

    async def feed(self, question: FeedQuestion) -> Answer | None:
        """The answer kept for this question, if there is one that counts."""
        key = _feed_key(question)
        (found, touched), floor = await self._look_up([key, touched_key(question.user_id)])
        needed = {**floor, "engagement": max(floor.get("engagement", 0), int(touched or 0))}
        return _counting(found, needed, question.at_least) if floor else None

    async def similar(self, question: SimilarQuestion) -> Answer | None:
        """The answer kept for this question, if there is one that counts."""
        (found,), floor = await self._look_up([_similar_key(question)])
        return _counting(found, floor, question.at_least) if floor else None

    async def keep_feed(self, question: FeedQuestion, answer: Answer) -> None:
        """Keep it for `KEPT_SECONDS`."""
        await self._connection.put(_feed_key(question), _write(answer), seconds=KEPT_SECONDS)

    async def keep_similar(self, question: SimilarQuestion, answer: Answer) -> None:
        """Keep it for `KEPT_SECONDS`."""
        await self._connection.put(_similar_key(question), _write(answer), seconds=KEPT_SECONDS)

    async def _look_up(self, keys: list[str]) -> tuple[list[bytes | None], dict[str, int]]:
        """Values of keys that share a hash tag, and the floor; the floor is empty while nobody answers for it."""
        values, floor = await asyncio.gather(self._connection.get(keys), self._connection.fields(FLOOR))
        if values is None or not floor:
            return [None] * len(keys), {}
        return list(values), {log.decode(): int(position) for log, position in floor.items()}


class CachedRecommender:
    """A `Recommender` that asks another one only when no kept answer counts."""

    def __init__(self, recommender: Recommender, answers: RedisAnswers) -> None:
        self._recommender = recommender
        self._answers = answers

    async def feed(self, question: FeedQuestion) -> Answer:
        """See `Recommender`."""
        if (kept := await self._answers.feed(question)) is not None:
            return kept
        answer = await self._recommender.feed(question)
        await self._answers.keep_feed(question, answer)
        return answer

    async def similar(self, question: SimilarQuestion) -> Answer:
        """See `Recommender`."""
        if (kept := await self._answers.similar(question)) is not None:
            return kept
        answer = await self._recommender.similar(question)
        await self._answers.keep_similar(question, answer)
        return answer


def _counting(found: bytes | None, *needed: Mapping[str, int]) -> Answer | None:
    if found is None:
        return None
    try:
        answer = _read(found)
    except msgspec.DecodeError:  # written by another release
        return None
    known = answer.positions
    enough = all(known.get(log, 0) >= position for asked in needed for log, position in asked.items() if log in known)
    return answer if enough else None


def _feed_key(question: FeedQuestion) -> str:
    return f"{PREFIX}:{{user:{question.user_id}}}:{_asked(question.count, question.genre, question.creator_id)}"


def _similar_key(question: SimilarQuestion) -> str:
    return f"{PREFIX}:{{video:{question.video_id}}}:{_asked(question.count, question.genre, question.creator_id)}"


def _asked(count: int, genre: str | None, creator_id: UUID | None) -> str:
    return blake2b(_write((count, genre, creator_id)), digest_size=12).hexdigest()
