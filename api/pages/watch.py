"""``/watch/{id}``: a video, whose it is, how it is doing, what is like it, and what one can say about it."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.params import FromPath, QueryParameter

from adapters.composition import System
from api.min_position import until_known
from api.pages.cards import Card, Cards
from api.pages.forms import read_form
from api.pages.rendering import Pages, onward, own_path
from api.pages.viewer import PageRequest, Viewer, signed_in, viewer_of
from api.parts import Part
from api.shown_videos import shown_creator, shown_with_counts
from domain.catalog.video import Status, VideoNotFound
from domain.engagement.report import ReportedInteraction
from domain.kernel.errors import Refusal
from domain.kernel.ids import uuid7
from projections.creators import CreatorCounts
from projections.read_model import ReadModelBehind
from projections.recommendations.question import RecommenderUnavailable, SimilarQuestion
from projections.viewer_marks import Mark

RELATED = 8


class WhatViewersSay(msgspec.Struct, frozen=True, kw_only=True):
    """The fields of the forms beside a video.

    ``id`` was chosen when the page was drawn: pressing a button twice reports once.
    """

    id: UUID
    kind: Literal["like", "unlike", "save", "unsave", "hide", "follow", "unfollow", "view", "progress"]
    back: str = "/"
    watched_ms: int | None = None


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
            await until_known(system.positions, after, system.video_engagement, system.viewer_marks, system.creators)
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
    async def report(self, request: PageRequest, video_id: FromPath[UUID], system: Part[System]) -> Response[None]:
        """Report what the viewer says, and show them the page that knows of it.

        Sent by a form, and by the module that tells how much was watched.
        """
        viewer = signed_in(request)
        said = (await read_form(request)).read(WhatViewersSay)
        row = await system.videos.video(video_id)
        if row is None:
            raise VideoNotFound("there is no such video")
        report = ReportedInteraction(
            id=said.id,
            at=system.clock(),
            user_id=viewer.user_id,
            kind=said.kind,
            video_id=video_id,
            creator_id=row.creator_id,
            watched_ms=said.watched_ms,
        )
        return await recorded(request, system, report, own_path(said.back))


async def recorded(request: PageRequest, system: System, report: ReportedInteraction, back: str) -> Response[None]:
    """Record one interaction and go ``back``, to a page that waits until it knows of it."""
    reported = await system.engagement.report([(0, report)], signed_in(request).actor)
    if reported.rejected:
        raise InteractionRejected(reported.rejected[0].detail)
    if report.kind == "hide":
        return onward(request, f"/?after=engagement:{reported.position}", flash="hidden")
    return onward(request, f"{back.partition('?')[0]}?after=engagement:{reported.position}")


class InteractionRejected(Refusal):
    """The log's door turned the report away."""

    code = "interaction_rejected"


async def marks_of(system: System, viewer: Viewer | None, *targets: UUID) -> Mapping[UUID, frozenset[Mark]]:
    """How the viewer has marked videos and creators; visitors mark nothing."""
    return await system.viewer_marks.marks(viewer.user_id, targets) if viewer else {}


async def _related(system: System, cards: Cards, video_id: UUID) -> Sequence[Card]:
    """What is like the video; nothing while that cannot be said."""
    try:
        answer = await system.recommender.similar(SimilarQuestion(video_id=video_id, count=RELATED))
    except (RecommenderUnavailable, ReadModelBehind, VideoNotFound):
        return ()
    return await cards.recommended(answer.items)
