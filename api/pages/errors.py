"""When a page cannot be shown: the same errors as the API's, as pages for those who read pages."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from litestar import Response

from api.conventions.problems import Problem, answer_problem
from api.pages.rendering import Pages, onward
from api.pages.viewer import PageRequest, SignInNeeded

MACHINES = ("/api", "/schema", "/static", "/livez", "/readyz", "/metrics", "/live")
"""Below these, problems stay what they are, whoever asks."""

HEADINGS: Mapping[int, str] = {
    400: "That request made no sense",
    403: "This is not open to you",
    404: "There is nothing here",
    405: "That is not how this page works",
    409: "Things have changed meanwhile",
    413: "That was too much at once",
    422: "Something in the address or the form is not right",
    429: "A little slower, please",
    500: "Something broke on our side",
    503: "Back in a moment",
}
HINTS: Mapping[int, str] = {
    403: "Your account may not do this. If you think it should, ask an admin.",
    404: "The address may be mistyped, or what was here is gone.",
    429: "Too much came from you in a short time. Wait a moment and try again.",
    500: "It is noted, and nothing of yours was lost. Trying again may help.",
    503: "A part of the platform is not answering yet. Try again in a few seconds.",
}


class ErrorPages:
    """Answers whatever a request ended with, to people as a page."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    def answer(self, request: PageRequest, error: Exception) -> Response[Any]:
        """A page for a browser, a problem document for everybody else; both say the same."""
        if isinstance(error, SignInNeeded):
            return onward(request, f"/sign-in?to={quote(_wanted(request), safe='/')}")
        problem = answer_problem(request, error)
        return self._page(request, problem) if _reads_pages(request) else problem

    def _page(self, request: PageRequest, problem: Response[Problem]) -> Response[str]:
        status = problem.content.status
        page = self._pages.draw(
            request,
            "error.html",
            status=status,
            title=HEADINGS.get(status, "This did not work"),
            code=problem.content.code,
            number=status,
            hint=HINTS.get(status, problem.content.detail),
            errors=problem.content.errors,
            request_id=request.scope["state"].get("request_id", ""),
        )
        for name in ("Retry-After", "Allow"):
            if name in problem.headers:
                page.headers[name] = problem.headers[name]
        return page


def _reads_pages(request: PageRequest) -> bool:
    path = request.scope["path"]
    machines = any(path == each or path.startswith(f"{each}/") for each in MACHINES)
    return not machines and "text/html" in request.headers.get("accept", "")


def _wanted(request: PageRequest) -> str:
    """The page to return to: the one asked for, or the one that a form stood on."""
    path = request.url.path
    if request.method != "GET":
        return path.removesuffix("/interactions")
    return f"{path}?{request.url.query}" if request.url.query else path
