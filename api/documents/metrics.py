"""The table of metrics, read off the code that makes them."""

import ast
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from api.documents.markdown import code, page, table

PROJECT = Path(__file__).resolve().parents[2]
PACKAGES = ("application", "projections", "adapters", "api", "workers")
KINDS = ("Counter", "Gauge", "Histogram", "Summary")

INTRODUCTION = """\
What `/metrics` tells, in Prometheus' text format: the API's on its port or on `PLAYHEAD_METRICS_PORT`, each worker's on
its own. A process tells what it does itself; those of `api/metrics.py` about logs and read models are asked of the
database at each scrape, so that they are true whoever projects, and also when nobody does. Histograms have `_bucket`,
`_sum` and `_count`; times are in seconds. Labels hold routes, names of parts and codes, never ids of users. What
Prometheus' own library tells of a process (`process_…`, `python_…`) comes on top.
"""


class Metric(msgspec.Struct, frozen=True, order=True):
    """One metric as it is made in ``module``."""

    name: str
    kind: str
    help: str
    labels: tuple[str, ...]
    module: str


def rendered() -> str:
    """The page."""
    rows = [
        (code(each.name), each.kind, ", ".join(map(code, each.labels)), each.help, code(each.module))
        for each in sorted(metrics())
    ]
    return page("Metrics", INTRODUCTION, table(("metric", "kind", "labels", "meaning", "told by"), rows))


def metrics() -> Iterator[Metric]:
    """Every metric that the code makes with its name written out."""
    for package in PACKAGES:
        for path in sorted((PROJECT / package).rglob("*.py")):
            yield from _made_in(path)


def _made_in(path: Path) -> Iterator[Metric]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and (kind := getattr(node.func, "id", "")) in KINDS:
            texts = [each.value for each in node.args if isinstance(each, ast.Constant)]
            if len(texts) >= 2:  # noqa: PLR2004 - its name, and what it means
                yield Metric(str(texts[0]), kind.lower(), str(texts[1]), _labels(node.args), _module(path))


def _labels(arguments: Sequence[ast.expr]) -> tuple[str, ...]:
    lists = [each for each in arguments if isinstance(each, ast.List | ast.Tuple)]
    return tuple(str(ast.literal_eval(each)) for given in lists for each in given.elts)


def _module(path: Path) -> str:
    return str(path.relative_to(PROJECT))
