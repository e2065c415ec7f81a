"""As much of Markdown as the generated pages need."""

import re
from collections.abc import Sequence

WRITTEN_BY = "<!-- Written by `./playhead docs generate`: change the code instead. -->"


def page(title: str, *parts: str) -> str:
    """A whole page, which says that it is generated."""
    return "\n\n".join([f"# {title}", WRITTEN_BY, *(part.strip("\n") for part in parts if part)]) + "\n"


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table; what stands in a cell is Markdown, on one line."""
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join(f"| {' | '.join(_cell(cell) for cell in line)} |" for line in lines)


def code(text: object) -> str:
    """Text as it is typed; nothing stays nothing."""
    return f"`{text}`" if str(text) else ""


def from_docstring(text: str) -> str:
    """Our docstrings are reStructuredText in two points: ````literals```` and `names`."""
    return " ".join(text.replace("``", "`").split())


def _cell(text: str) -> str:
    return re.sub(r"(?<!\\)\|", r"\\|", " ".join(text.split()))
