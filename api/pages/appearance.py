"""``/scheme`` and ``/design``: which colours, and what pages are made of."""

from typing import Literal
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post

from api.conventions.problems import FieldProblem
from api.pages.cards import Card
from api.pages.forms import Form, read_form
from api.pages.rendering import Pages, onward, own_path, scheme_cookie
from api.pages.viewer import PageRequest
from api.parts import Part

TOKENS = (
    "ground",
    "surface",
    "sunken",
    "ink",
    "ink-soft",
    "edge",
    "edge-strong",
    "signal",
    "strong",
    "link",
    "good",
    "bad",
    "warn",
)
SIZES = ("xs", "s", "m", "l", "xl", "2xl")
GENRES = ("cooking", "science", "travel", "gaming", "fitness", "music", "comedy", "craft")


class Choice(msgspec.Struct, frozen=True):
    """The form in the footer."""

    scheme: Literal["auto", "light", "dark"]
    back: str = "/"


class Appearance(Controller):
    """How pages look."""

    @post("/scheme")
    async def choose_scheme(self, request: PageRequest) -> Response[None]:
        """Remember light or dark in a cookie, or go by the system again."""
        chosen = (await read_form(request)).read(Choice)
        cookie = scheme_cookie(chosen.scheme, secure=request.url.scheme == "https")
        return onward(request, own_path(chosen.back), cookies=[cookie])

    @get("/design")
    async def read_design(self, request: PageRequest, pages: Part[Pages]) -> Response[str]:
        """The tokens and the components, each as it is on a page."""
        shown = [
            Card(
                id=UUID(int=place * 7919),
                title=f"A {genre} video",
                genre=genre,
                duration_ms=45_000 * (place + 1),
                creator_id=UUID(int=place),
                creator="A creator",
                why="Because you liked another one" if place % 3 == 0 else "",
            )
            for place, genre in enumerate(GENRES)
        ]
        form = Form({"address": "somebody@"}, [FieldProblem("address", "This does not look like an e-mail address.")])
        return pages.draw(
            request, "design.html", title="Style guide", tokens=TOKENS, sizes=SIZES, cards=shown, form=form
        )
