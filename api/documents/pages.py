"""Which pages come out of the code, and which modules write them."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from api.documents import commands, decisions, events, metrics, problems, settings

DOCUMENTS = Path(__file__).resolve().parents[2] / "docs"

PAGES: Mapping[str, Callable[[], str]] = {
    "reference/settings.md": settings.rendered,
    "reference/commands.md": commands.rendered,
    "reference/events.md": events.rendered,
    "reference/problems.md": problems.rendered,
    "reference/metrics.md": metrics.rendered,
    "why/decisions.md": decisions.rendered,
}
"""By their path under ``docs/``."""


def stale() -> Sequence[str]:
    """The pages that are not what the code says."""
    return [path for path, rendered in PAGES.items() if _written(path) != rendered()]


def generate() -> Sequence[str]:
    """Write those that are stale anew; returns which."""
    anew = stale()
    for path in anew:
        (DOCUMENTS / path).parent.mkdir(parents=True, exist_ok=True)
        (DOCUMENTS / path).write_text(PAGES[path]())
    return anew


def _written(path: str) -> str:
    page = DOCUMENTS / path
    return page.read_text() if page.exists() else ""
