"""``/watch/{id}``: a video, whose it is, how it is doing, what is like it, and what one can say about it."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Annotated
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath, QueryParameter

from adapters.composition import System
from api.conventions.min_position import until_known
from api.pages.cards import Card, Cards
from api.pages.interactions import marks_of, report
from api.pages.rendering import Pages
from api.pages.viewer import PageRequest, viewer_of
from api.parts import Part
from api.shown_videos import shown_creator, shown_with_counts
from domain.catalog.video import Status, VideoNotFound
from domain.kernel.ids import uuid7
from projections.creators import CreatorCounts
from projections.read_model import ReadModelBehind
from projections.recommendations.question import RecommenderUnavailable, SimilarQuestion
from projections.viewer_marks import Mark

RELATED = 8


class Watch(Controller):
    """One video."""

    path = "/watch/{video_id:uuid}"

    @get()
    async def read_video(
        self,
        request: PageRequest,
        video_id: FromPath[UUID],
        pages: Part[Pages],
        cards: Part[Cards],
        system: Part[System],
        after: Annotated[str | None, QueryParameter(max_length=256)] = None,
    ) -> Response[str]:
        """Drafts and withdrawn videos are shown to those who may act for their creator; for others there is no such."""
        # A page that is a moment behind is better than none.
        with suppress(ReadModelBehind):
            await until_known(system, after, system.video_engagement, system.viewer_marks, system.creators)
        viewer = viewer_of(request)
        row = await system.videos.video(video_id)
        if row is None or not (row.status is Status.PUBLISHED or (viewer and viewer.actor.acts_for(row.creator_id))):
            raise VideoNotFound("there is no such video")
        video = shown_with_counts(row, await system.video_engagement.counts(video_id))
        marks = await marks_of(system, viewer, video_id, row.creator_id)
        creator = await system.creators.creator(row.creator_id) or CreatorCounts()
        return pages.draw(
            request,
            "watch.html",
            title=video.title,
            video=video,
            creator=shown_creator(row.creator_id, creator),
            creator_name=(await cards.names.of([row.creator_id]))[row.creator_id],
            liked=Mark.LIKE in marks.get(video_id, ()),
            saved=Mark.SAVE in marks.get(video_id, ()),
            follows=Mark.FOLLOW in marks.get(row.creator_id, ()),
            related=await _related(system, cards, video_id),
            fresh_id=lambda: uuid7(system.clock()),
        )

    @post("/interactions")
    async def report_interaction(
        self, request: PageRequest, video_id: FromPath[UUID], system: Part[System]
    ) -> Response[None]:
        """Report what the viewer says, and show them the page that knows of it.

        Sent by a form, and by the module that tells how much was watched.
        """
        row = await system.videos.video(video_id)
        if row is None:
            raise VideoNotFound("there is no such video")
        return await report(request, system, video_id=video_id, creator_id=row.creator_id)


async def _related(system: System, cards: Cards, video_id: UUID) -> Sequence[Card]:
    """What is like the video; nothing while that cannot be said."""
    try:
        answer = await system.recommender.similar(SimilarQuestion(video_id=video_id, count=RELATED))
    except (RecommenderUnavailable, ReadModelBehind, VideoNotFound):
        return ()
    # Their reason is the same for all, and stands above them: they are like this one.
    return await cards.found([item.video_id for item in answer.items])
