"""Questions to the recommender across the network: asked by the API, answered by a worker that has the engine.

Core request and reply: nothing is stored, a queue group shares the questions
among as many recommenders as there are, and an answer that comes too late is
nobody's.  Bodies are MessagePack.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import msgspec
import structlog
from nats.aio.msg import Msg
from nats.errors import Error
from structlog.contextvars import bound_contextvars

from adapters.nats.connection import NatsConnection
from application.tracing import Tracing, begun, carried, present, spanned, within
from domain.catalog.video import VideoNotFound
from projections.read_model import ReadModelBehind
from projections.recommendations.projection import RecommendationsProjection
from projections.recommendations.question import (
    Answer,
    FeedQuestion,
    Recommender,
    RecommenderUnavailable,
    SimilarQuestion,
)

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

FEED, SIMILAR = "playhead.recommendations.1.feed", "playhead.recommendations.1.similar"
"""The number is that of the bodies' meaning: two releases side by side never misread each other."""

QUEUE = "recommenders"

AT_ONCE = 1_000
"""Questions that may wait for their positions in one recommender; one more is turned away."""

Q = TypeVar("Q", FeedQuestion, SimilarQuestion)


class Failure(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why there is no answer: the code of an error, and what rebuilds it."""

    code: str
    log: str = ""
    asked: int = 0
    reached: int = 0


class Reply(msgspec.Struct, frozen=True, omit_defaults=True):
    """An answer or a failure."""

    answer: Answer | None = None
    failure: Failure | None = None


_write = msgspec.msgpack.Encoder().encode
_read_reply = msgspec.msgpack.Decoder(Reply).decode


class NatsRecommender:
    """`Recommender` by asking; ``timeout`` in seconds should exceed the patience of whoever answers."""

    def __init__(self, connection: NatsConnection, *, timeout: float, tracing: Tracing | None = None) -> None:
        self._connection = connection
        self._timeout = timeout
        self._tracing = tracing

    async def feed(self, question: FeedQuestion) -> Answer:
        """See `Recommender`."""
        return await self._ask(FEED, question)

    async def similar(self, question: SimilarQuestion) -> Answer:
        """See `Recommender`."""
        return await self._ask(SIMILAR, question)

    async def _ask(self, subject: str, question: FeedQuestion | SimilarQuestion) -> Answer:
        if not self._connection.client.is_connected:
            raise RecommenderUnavailable("the recommender cannot be reached")
        try:
            with spanned(self._tracing, f"ask {subject}", "client", **_about(subject)):
                message = await self._request(subject, _write(question))
            reply = _read_reply(message.data)
        except (Error, OSError, TimeoutError, msgspec.DecodeError) as error:
            log.warning("recommender_not_reached", subject=subject, error=str(error) or type(error).__name__)
            raise RecommenderUnavailable("the recommender did not answer in time") from error
        if reply.answer is None:
            raise _error(reply.failure)
        return reply.answer

    async def _request(self, subject: str, question: bytes) -> Msg:
        trace = present()
        headers = trace.headers() if trace else None
        return await self._connection.client.request(subject, question, timeout=self._timeout, headers=headers)


async def serve_recommender(
    connection: NatsConnection, recommender: Recommender, *, tracing: Tracing | None = None
) -> None:
    """Answer questions from now on, until the connection is closed, together with all others who do so."""
    answering: set[asyncio.Task[None]] = set()

    def serving(ask: Callable[[Q], Awaitable[Answer]], question_type: type[Q]) -> Callable[[Msg], Awaitable[None]]:
        read = msgspec.msgpack.Decoder(question_type).decode

        async def answer(message: Msg) -> None:
            with (
                within(carried(message.headers) or begun()) as trace,
                bound_contextvars(trace_id=trace.trace_id),
                spanned(tracing, f"answer {message.subject}", "server", **_about(message.subject)),
            ):
                await _respond(message, await _reply(lambda: ask(read(message.data))))

        async def hear(message: Msg) -> None:
            # One question may wait for its positions: those behind it must not wait with it.
            if len(answering) >= AT_ONCE:
                await _respond(message, Reply(failure=Failure(RecommenderUnavailable.code)))
                return
            task = asyncio.create_task(answer(message))
            answering.add(task)
            task.add_done_callback(answering.discard)

        return hear

    await connection.subscribe(FEED, serving(recommender.feed, FeedQuestion), queue=QUEUE)
    await connection.subscribe(SIMILAR, serving(recommender.similar, SimilarQuestion), queue=QUEUE)


async def _reply(ask: Callable[[], Awaitable[Answer]]) -> Reply:
    try:
        return Reply(answer=await ask())
    except ReadModelBehind as behind:
        return Reply(failure=Failure(behind.code, log=behind.log, asked=behind.asked, reached=behind.reached))
    except VideoNotFound as refusal:
        return Reply(failure=Failure(refusal.code))
    except Exception:
        # Whoever asked must not wait for the time-out, and the next question deserves an answer.
        log.exception("question_failed")
        return Reply(failure=Failure(RecommenderUnavailable.code))


async def _respond(message: Msg, reply: Reply) -> None:
    try:
        await message.respond(_write(reply))
    except (Error, OSError) as error:
        log.warning("answer_not_sent", error=str(error) or type(error).__name__)


def _about(subject: str) -> dict[str, str]:
    return {"messaging__system": "nats", "messaging__destination__name": subject}


def _error(failure: Failure | None) -> Exception:
    code = failure.code if failure else RecommenderUnavailable.code
    if failure and code == ReadModelBehind.code:
        return ReadModelBehind(
            RecommendationsProjection.name, failure.log, asked=failure.asked, reached=failure.reached
        )
    if code == VideoNotFound.code:
        return VideoNotFound("there is no such video")
    return RecommenderUnavailable("the recommender could not answer")
