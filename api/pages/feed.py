"""``/``: what to watch next, and ``/saved``: what somebody kept."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.params import QueryParameter
from msgspec import Meta

from adapters.composition import System
from api.conventions.min_position import positions_recorded
from api.conventions.problems import BodyInvalid, FieldProblem
from api.pages.cards import Cards
from api.pages.forms import read_form
from api.pages.rendering import Pages
from api.pages.viewer import STRANGER, PageRequest, signed_in, viewer_of
from api.parts import Part
from domain.engagement.report import ReportedInteraction
from domain.kernel.ids import derived
from projections.recommendations.question import FeedQuestion
from projections.viewer_marks import Mark

PAGE = 25
MOST = 100

Count = Annotated[int, QueryParameter(ge=1, le=MOST)]
Genre = Annotated[str | None, QueryParameter(min_length=1, max_length=64)]


class Feed(Controller):
    """What is recommended to the one who looks; visitors get what somebody unknown would get."""

    @get("/")
    async def read_feed(
        self,
        request: PageRequest,
        pages: Part[Pages],
        cards: Part[Cards],
        system: Part[System],
        count: Count = PAGE,
        genre: Genre = None,
        after: Annotated[str | None, QueryParameter(max_length=256)] = None,
    ) -> Response[str]:
        """The first videos; without JavaScript, "show more" asks for the same page with more of them."""
        items = await _asked(request, system, count=count, genre=genre, after=after)
        return pages.draw(
            request,
            "feed.html",
            title=f"{genre.capitalize()} for you" if genre else "For you",
            cards=await cards.recommended(items),
            genre=genre,
            next=_next(count, len(items)),
        )

    @get("/more")
    async def read_more(
        self,
        request: PageRequest,
        pages: Part[Pages],
        cards: Part[Cards],
        system: Part[System],
        count: Count,
        genre: Genre = None,
        have: Annotated[list[UUID] | None, QueryParameter(max_items=MOST)] = None,
    ) -> Response[str]:
        """What comes after the videos on the page (``have``), as a part to be added to it.

        The order changes with every tap of everybody, so the page says what it
        has: nothing comes twice, and nothing that is read moves.
        """
        items = await _asked(request, system, count=count, genre=genre, after=None)
        fresh = [item for item in items if item.video_id not in set(have or ())]
        return pages.draw(
            request,
            "more.html",
            cards=await cards.recommended(fresh),
            genre=genre,
            next=_next(count, len(items)),
        )

    @post("/impressions", status_code=204)
    async def report_impressions(self, request: PageRequest, system: Part[System]) -> None:
        """Note which cards stood on the viewer's screen; sent by a module of the page, in batches."""
        viewer = signed_in(request)
        said = (await read_form(request)).read(Impressions)
        now = system.clock()
        reports = [
            ReportedInteraction(
                id=derived(f"impression/{said.id}", video_id),
                at=now,
                user_id=viewer.user_id,
                kind="impression",
                video_id=video_id,
            )
            for video_id in said.video_ids()
        ]
        await system.engagement.report(list(enumerate(reports)), viewer.actor)


class Impressions(msgspec.Struct, frozen=True):
    """What stood on the screen: ids of videos, by space; ``id`` makes the same batch count once."""

    id: UUID
    videos: Annotated[str, Meta(max_length=MOST * 37)]

    def video_ids(self) -> Sequence[UUID]:
        """Raises `BodyInvalid`."""
        try:
            return [UUID(each) for each in dict.fromkeys(self.videos.split())]
        except ValueError:
            raise BodyInvalid([FieldProblem("videos", "ids of videos, by space")]) from None


class Saved(Controller):
    """What somebody kept for later."""

    @get("/saved")
    async def read_saved(
        self,
        request: PageRequest,
        pages: Part[Pages],
        cards: Part[Cards],
        system: Part[System],
        before: Annotated[int | None, QueryParameter(ge=1)] = None,
    ) -> Response[str]:
        """The last saved first, page by page."""
        viewer = signed_in(request)
        # One more than is shown tells whether there is another page.
        saved = await system.viewer_marks.marked(viewer.user_id, Mark.SAVE, limit=PAGE + 1, before=before)
        return pages.draw(
            request,
            "saved.html",
            title="Saved",
            cards=await cards.found([each.target_id for each in saved[:PAGE]]),
            before=saved[PAGE - 1].position if len(saved) > PAGE else None,
        )


async def _asked(request: PageRequest, system: System, *, count: int, genre: str | None, after: str | None) -> Any:
    viewer = viewer_of(request)
    question = FeedQuestion(
        user_id=viewer.user_id if viewer else STRANGER,
        count=count,
        genre=genre,
        at_least=dict(await positions_recorded(system.logs, after, ("engagement", "catalog"))),
    )
    return (await system.recommender.feed(question)).items


def _next(count: int, found: int) -> int | None:
    """How many to ask for next; None where there are no more, or no more may be asked for."""
    return min(count + PAGE, MOST) if found >= count and count < MOST else None
