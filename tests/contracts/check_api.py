"""``./playhead check-api``: generated requests to a platform of its own, and a table of what came of them."""

import asyncio
import logging
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from adapters.embedded.trial import trial_milvus, trial_nats, trial_postgres, trial_valkey
from adapters.logs import configure_logs
from tests.contracts.api_check import Report, check
from tests.support.databases import empty_database
from tests.support.listening import listening
from tests.support.site import open_site, settings_for

SETTINGS: dict[str, Any] = {"user_per_minute": 0, "staff_per_minute": 0, "read_your_writes_seconds": 0.2}
SHOWN = 40


@click.command(help="What `playhead check-api` runs.")
@click.option("--cases", type=int, required=True)
@click.option("--seed", type=int, required=True)
def main(cases: int, seed: int) -> None:
    """Check, print, and end with 1 if something was found."""
    configure_logs("error")
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
    warnings.simplefilter("ignore")  # of hypothesis, about chance that the server in this process uses too
    with tempfile.TemporaryDirectory() as folder:
        places = [Path(folder) / name for name in ("postgres", "nats", "redis", "milvus")]
        for place in places:
            place.mkdir()
        with (
            trial_postgres(places[0]) as postgres,
            trial_nats(places[1]) as nats,
            trial_valkey(places[2]) as redis,
            trial_milvus(places[3]) as milvus,
        ):
            report = asyncio.run(_checked((postgres, nats, redis, milvus), cases, seed))
    _print(report)
    sys.exit(1 if report.findings else 0)


async def _checked(servers: tuple[str, str, str, str], cases: int, start: int) -> Report:
    postgres, nats, redis, milvus = servers
    with empty_database(postgres) as database:
        async with (
            open_site(settings_for(database, nats, redis, milvus_uri=milvus, **SETTINGS)) as site,
            listening(site.app) as port,
        ):
            return await check(site, port, cases=cases, start=start)


def _print(report: Report) -> None:
    table = Table("operation", "cases", "answers by status", "findings")
    for name, cases in sorted(report.cases.items()):
        answers = sorted((status, count) for (each, status), count in report.statuses.items() if each == name)
        found = sum(each.operation == name for each in report.findings)
        table.add_row(name, str(cases), "  ".join(f"{status}: {count}" for status, count in answers), str(found))
    console = Console(width=140)
    console.print(table)
    faults = sum(count for (_, status), count in report.statuses.items() if status >= 500)
    console.print(f"{report.cases.total()} cases, {faults} answers 5xx, {len(report.findings)} findings")
    for each in report.findings[:SHOWN]:
        console.print(f"\n{each.operation}: {each.what}\n  {each.request}", markup=False)


if __name__ == "__main__":
    main()
