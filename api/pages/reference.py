"""``/reference``: the API as people read it, out of the OpenAPI document."""

from itertools import groupby

from litestar import Controller, Response, get

from api.conventions.problem_codes import problem_codes
from api.conventions.problems import MEANINGS
from api.openapi.reading import groups
from api.openapi.serving import document_of
from api.pages.rendering import Pages
from api.pages.viewer import PageRequest
from api.parts import Part


class Reference(Controller):
    """For whoever writes a program against this platform."""

    path = "/reference"

    @get()
    async def read_reference(self, request: PageRequest, pages: Part[Pages]) -> Response[str]:
        """Every operation, with what to send and what comes back."""
        document = document_of(request.app)
        return pages.draw(
            request,
            "reference.html",
            title="API reference",
            groups=groups(document),
            introduction=document["info"]["description"].split("\n\n")[1:],
            address=str(request.base_url).rstrip("/"),
        )

    @get("/problems")
    async def read_problems(self, request: PageRequest, pages: Part[Pages]) -> Response[str]:
        """Every code of a problem document, under an anchor of its own: where ``type`` leads."""
        by_status = groupby(problem_codes(), key=lambda each: each.status)
        return pages.draw(
            request,
            "problems.html",
            title="Problems",
            statuses=[(status, MEANINGS.get(status, ""), list(codes)) for status, codes in by_status],
        )
