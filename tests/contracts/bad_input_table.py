"""``python -m tests.contracts.bad_input_table``: writes ``docs/reference/bad-input.md``, from real answers."""

import asyncio
import tempfile
from collections.abc import Sequence
from pathlib import Path

import httpx

from adapters.embedded.trial import trial_nats, trial_postgres, trial_valkey
from api.documents.markdown import code, table
from tests.contracts.bad_input import BAD_INPUTS, Asker, BadInput, Route, routes
from tests.support.databases import empty_database
from tests.support.site import Site, open_site, settings_for
from tests.support.source_tree import ROOT

PAGE = ROOT / "docs/reference/bad-input.md"
HEAD = """\
# What every route answers to bad input

<!-- Written by `python -m tests.contracts.bad_input_table`: change the code instead. -->

Each cell is the status of a real answer; all of them are [problem documents](problems.md). Under each kind of input
stands the code that goes with it; a cell names its own where that differs by thing. An empty cell: the route cannot be
asked so. Where a route takes several parameters, each was sent out of its bounds in turn, and all answered alike.
"""

Walk = Sequence[tuple[Route, BadInput, Sequence[httpx.Response]]]


async def walk(site: Site) -> Walk:
    """Every answer of every route to every bad input."""
    document = (await site.client.get("/schema/openapi.json")).json()
    asker = await Asker.of(site)
    return [(route, bad, await asker.answers(route, bad)) for route in routes(document) for bad in BAD_INPUTS]


def rendered(answers: Walk) -> str:
    """The page."""
    columns = [f"{bad.name}<br>{', '.join(map(code, sorted(bad.codes)))}" for bad in BAD_INPUTS]
    rows: dict[str, list[str]] = {}
    for route, bad, heard in answers:
        rows.setdefault(route.id, [code(f"{route.method} {route.path}")]).append(_cell(bad, heard))
    return f"{HEAD}\n{table(['route', *columns], list(rows.values()))}\n"


def _cell(bad: BadInput, heard: Sequence[httpx.Response]) -> str:
    said = {(each.status_code, each.json()["code"]) for each in heard}
    return "<br>".join(
        sorted({f"{status}" if name in bad.codes else f"{status} {code(name)}" for status, name in said})
    )


async def _write(postgres: str, nats: str, redis: str) -> None:
    with empty_database(postgres) as database:
        async with open_site(settings_for(database, nats, redis)) as site:
            PAGE.write_text(rendered(await walk(site)))


def main() -> None:
    """Start servers, ask, write."""
    with tempfile.TemporaryDirectory() as folder:
        places = [Path(folder) / name for name in ("postgres", "nats", "redis")]
        for place in places:
            place.mkdir()
        with trial_postgres(places[0]) as postgres, trial_nats(places[1]) as nats, trial_valkey(places[2]) as redis:
            asyncio.run(_write(postgres, nats, redis))


if __name__ == "__main__":
    main()
