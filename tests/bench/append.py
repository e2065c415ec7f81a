"""``playhead bench append``: how many single events a second become durable, and how long each one waits."""

from collections.abc import Sequence

import click

from tests.bench.appenders import Library, OurLog, Raw
from tests.bench.harness import Contender, Target, bench_postgres, report, take_turns
from tests.bench.loss import measure_loss

MOST_THREADS = 64
ROUNDS = 3
TARGETS = (
    Target("ours, 32 callers", "library insert_events, 32 threads", 15),
    Target("ours, 512 callers", f"library insert_events, {MOST_THREADS} threads", 50),
)
NOTES: Sequence[str] = (
    "ours: PostgresLog.append of one fact a call, encoding included; one process, one event loop, one connection.",
    f"library: eventsourcing as it is; {MOST_THREADS} threads stand for 512, since each holds a connection.",
    "raw: INSERT of one row and its commit by psycopg, in threads; no order of positions is promised there.",
    "COPY: batches of 1,000 into the same three unique indexes; its latency is a batch's.",
    "Every answer came after fsync: synchronous_commit and fsync are on.",
)


@click.command(help="Durable appends of single events: ours, the library, the raw limit.")
@click.option("--seconds", default=1.5, show_default=True, help="Length of a turn.")
@click.option("--rounds", default=ROUNDS, show_default=True, help="Turns of each contender.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--loss", is_flag=True, help="Count what a reader misses while six processes append.")
def command(seconds: float, rounds: int, as_json: bool, loss: bool) -> None:
    """Measure and print."""
    with bench_postgres() as url:
        if loss:
            measure_loss(url, as_json=as_json)
        else:
            _measure(url, seconds=seconds, rounds=rounds, as_json=as_json)


def _measure(url: str, *, seconds: float, rounds: int, as_json: bool) -> None:
    ours, library = OurLog(url), Library(url)
    raw = Raw(url)
    contenders: dict[str, Contender] = {
        **{f"ours, {number} callers": ours.callers(number) for number in (1, 32, 512)},
        **{f"library insert_events, {n} threads": library.inserting(n) for n in (1, 32, MOST_THREADS)},
        **{f"library Application.save, {n} threads": library.saving(n) for n in (1, 32)},
        **{f"raw INSERT, {n} connections": raw.inserting(n) for n in (1, 32)},
        "COPY of 1,000": raw.copying,
    }
    try:
        results = take_turns(contenders, rounds=rounds, seconds=seconds)
    finally:
        ours.close()
    report(
        "Durable appends, one event a call",
        results,
        unit="events/s",
        reference="library insert_events, 32 threads",
        targets=TARGETS,
        notes=NOTES,
        as_json=as_json,
    )


if __name__ == "__main__":
    command()
