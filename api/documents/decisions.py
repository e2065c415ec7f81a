"""The list of decisions, out of their own heads."""

import re
from pathlib import Path

from api.documents.markdown import page, table

RECORDS = Path(__file__).resolve().parents[2] / "docs/adr"

INTRODUCTION = """\
What was decided that is expensive to reverse: why, what else was weighed, what follows, and which test checks it.
"""


def rendered() -> str:
    """The page."""
    rows = [_row(path) for path in sorted(RECORDS.glob("[0-9]*.md"))]
    return page("Decisions", INTRODUCTION, table(("", "decision", "status", "area"), rows))


def _row(path: Path) -> tuple[str, str, str, str]:
    text = path.read_text()
    number, _, title = text.partition("\n")[0].removeprefix("# ").partition(" — ")
    status, area = (_head(name, text) for name in ("Status", "Area"))
    return number, f"[{title}](../adr/{path.name})", status, area


def _head(name: str, text: str) -> str:
    found = re.search(rf"\*\*{name}\*\* ([^·\n]*)", text)
    return found[1].strip() if found else ""
