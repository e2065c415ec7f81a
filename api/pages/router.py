"""All pages together, with what they are given."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from litestar import Request, Response, Router

from adapters.composition import System
from api.pages.appearance import Appearance
from api.pages.assets import Static, page_assets
from api.pages.cards import Cards
from api.pages.creators import Creators
from api.pages.errors import ErrorPages
from api.pages.feed import Feed, Saved
from api.pages.names import Names
from api.pages.rendering import Pages
from api.pages.watch import Watch
from api.parts import given


@lru_cache(maxsize=1)
def _pages() -> Pages:
    """Files and templates are read once in a process, however many applications it makes."""
    return Pages(page_assets())


def page_errors() -> Callable[[Request[Any, Any, Any], Exception], Response[Any]]:
    """Answers what went wrong anywhere: to browsers as a page, below ``/api`` always as a problem document."""
    return ErrorPages(_pages()).answer


def pages_router(system: System) -> Router:
    """The pages, for `create_app`; they stand beside the API and are no part of its document."""
    pages = _pages()
    return Router(
        "/",
        route_handlers=[Feed, Saved, Watch, Creators, Appearance, Static],
        dependencies={
            "pages": given(pages),
            "assets": given(pages.assets),
            "cards": given(Cards(system.videos, Names(system.identity))),
        },
        include_in_schema=False,
    )
