"""``/creators/{id}``: somebody who makes videos, and what they made."""

from contextlib import suppress
from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath, QueryParameter

from adapters.composition import System
from api.catalog import CreatorNotFound
from api.conventions.cursor import cursor_of, place_of
from api.conventions.min_position import until_known
from api.pages.cards import Cards
from api.pages.interactions import report
from api.pages.rendering import Pages
from api.pages.viewer import PageRequest, viewer_of
from api.parts import Part
from api.shown_videos import shown_creator
from domain.kernel.ids import uuid7
from projections.read_model import ReadModelBehind
from projections.viewer_marks import Mark

PAGE = 24


class Creators(Controller):
    """One creator."""

    path = "/creators/{creator_id:uuid}"

    @get()
    async def read_creator(
        self,
        request: PageRequest,
        creator_id: FromPath[UUID],
        pages: Part[Pages],
        cards: Part[Cards],
        system: Part[System],
        cursor: Annotated[str | None, QueryParameter(max_length=256)] = None,
        after: Annotated[str | None, QueryParameter(max_length=256)] = None,
    ) -> Response[str]:
        """Their published videos, the newest first, page by page."""
        with suppress(ReadModelBehind):
            await until_known(system, after, system.creators, system.viewer_marks)
        if (counts := await system.creators.creator(creator_id)) is None:
            raise CreatorNotFound("no video and no follow names this creator")
        before = None if cursor is None else place_of(cursor, tuple[datetime, UUID])
        rows = await system.videos.by_creator(creator_id, own=False, limit=PAGE + 1, before=before)
        last = rows[PAGE - 1] if len(rows) > PAGE else None
        viewer = viewer_of(request)
        marks = (
            await system.viewer_marks.marks(viewer.user_id, [creator_id]) if viewer else dict[UUID, frozenset[Mark]]()
        )
        name = (await cards.names.of([creator_id]))[creator_id]
        return pages.draw(
            request,
            "creator.html",
            title=name,
            name=name,
            creator=shown_creator(creator_id, counts),
            cards=await cards.of(rows[:PAGE]),
            follows=Mark.FOLLOW in marks.get(creator_id, ()),
            cursor=cursor_of((last.drafted_at, last.video_id)) if last else None,
            fresh_id=lambda: uuid7(system.clock()),
        )

    @post("/interactions")
    async def report_interaction(
        self, request: PageRequest, creator_id: FromPath[UUID], system: Part[System]
    ) -> Response[None]:
        """Follow a creator, or no longer."""
        return await report(request, system, creator_id=creator_id)
