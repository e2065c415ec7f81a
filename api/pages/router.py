"""All pages together, with what they are given."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from litestar import Request, Response, Router

from adapters.composition import System
from api.conventions.auth import visiting
from api.conventions.bearers import Bearers
from api.conventions.layers import conventions
from api.pages.assets import Static, page_assets
from api.pages.cards import Cards
from api.pages.errors import ErrorPages
from api.pages.names import Names
from api.pages.places import PAGES
from api.pages.rendering import Pages
from api.parts import given


@lru_cache(maxsize=1)
def _pages() -> Pages:
    """Files and templates are read once in a process, however many applications it makes."""
    return Pages(page_assets())


def page_errors() -> Callable[[Request[Any, Any, Any], Exception], Response[Any]]:
    """Answers what went wrong anywhere: to browsers as a page, below ``/api`` always as a problem document."""
    return ErrorPages(_pages()).answer


def pages_router(system: System, bearers: Bearers) -> Router:
    """The pages, for `create_app`; they stand beside the API and are no part of its document.

    Files are everybody's and never change: nobody is asked for, and nobody counted.
    """
    pages = _pages()
    for_people = Router("/", route_handlers=PAGES, middleware=[visiting(bearers), *conventions(system).inside])
    return Router(
        "/",
        route_handlers=[Static, for_people],
        dependencies={
            "pages": given(pages),
            "assets": given(pages.assets),
            "cards": given(Cards(system.videos, Names(system.identity))),
            "bearers": given(bearers),
        },
        include_in_schema=False,
    )
