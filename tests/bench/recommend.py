"""``playhead bench recommend``: how long a viewer waits for what to watch next."""

import asyncio
import time
from array import array
from collections.abc import Callable, Sequence
from itertools import count, cycle
from uuid import UUID

import click
import uvloop

from adapters.composition import System
from adapters.logs import configure_logs
from domain.events import CONTEXTS
from projections.recommendations.engine import Engine
from projections.recommendations.projection import RecommendationsProjection
from projections.recommendations.question import FeedQuestion
from tests.bench.audience import INTERACTIONS, USERS, VIDEOS, fill, user
from tests.bench.harness import Contender, Turn, report, take_turns, tell, timed
from tests.bench.load import Refused, crowd, get
from tests.bench.processes import Site, running_site

KEPT_USERS = 20
CLIENTS = (1, 16)
ASKED = 20
READ = 5_000
READY_SECONDS = 60.0
OK = 200
NOTES: Sequence[str] = (
    f"{VIDEOS:,} videos, {INTERACTIONS:,} interactions of {USERS:,} viewers; {ASKED} videos asked for.",
    f"kept: GET /api/recommendations of {KEPT_USERS} viewers again and again, answered from Redis.",
    "computed: of another viewer or another count each time, asked of the recommender's process over NATS.",
    "echo: the same framework giving out 20 videos that it holds.  engine: the computation alone, in one process.",
)


class Questions:
    """Requests for recommendations, to the API and to the echo."""

    def __init__(self, site: Site, runner: asyncio.Runner) -> None:
        self._site = site
        self._runner = runner
        self._kept = cycle(range(KEPT_USERS))
        self._computed = count()

    def kept(self, clients: int) -> Contender:
        """Of few users, so that the answer is there already."""
        return self._turns(self._site.port, clients, lambda: self._feed(user(next(self._kept)), ASKED))

    def computed(self, clients: int) -> Contender:
        """Never asked before: every viewer once, then every viewer for one video more."""

        def request() -> bytes:
            further, number = divmod(next(self._computed), USERS - KEPT_USERS)
            return self._feed(user(KEPT_USERS + number), ASKED + further)

        return self._turns(self._site.port, clients, request)

    def echo(self, clients: int) -> Contender:
        """Of the echo."""
        request = get(f"/twenty?user_id={user(0)}", self._site.key)
        return self._turns(self._site.echo_port, clients, lambda: request)

    def until_caught_up(self) -> None:
        """Ask until the recommender knows the whole history; raises `Refused`."""
        heads = self._site.within(_heads)
        asked = ",".join(f"{log}:{heads[log]}" for log in RecommendationsProjection.logs)
        deadline = time.monotonic() + READY_SECONDS
        while True:
            try:
                self._turns(self._site.port, 1, lambda: self._feed(user(0), ASKED, f"&min_position={asked}"))(0.0)
            except Refused:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.5)
            else:
                return

    def _feed(self, user_id: UUID, number: int, further: str = "") -> bytes:
        return get(f"/api/recommendations?user_id={user_id}&count={number}{further}", self._site.key)

    def _turns(self, port: int, clients: int, request: Callable[[], bytes]) -> Contender:
        return lambda seconds: self._runner.run(crowd(port, clients, seconds, request, expected=OK))


async def _heads(system: System) -> dict[str, int]:
    return {log: await system.logs[log].head() for log in CONTEXTS}


class EngineAlone:
    """The engine in this process, fed with the same history."""

    def __init__(self, site: Site) -> None:
        self._engine = Engine()
        self._users = cycle(range(USERS))
        site.within(self._learn)

    def feed(self, seconds: float) -> Turn:
        """Another viewer each time."""
        latencies = array("d")
        began = asked = time.perf_counter()
        while asked < began + seconds:
            self._engine.feed(FeedQuestion(user_id=user(next(self._users)), count=ASKED))
            asked = timed(latencies, asked)
        return Turn(len(latencies), asked - began, latencies)

    async def _learn(self, system: System) -> None:
        projection = RecommendationsProjection()
        for log in projection.logs:
            after = 0
            while facts := await system.logs[log].read(after=after, limit=READ):
                changes = projection.fold(facts)
                for change in changes.engagement:
                    self._engine.learn(change)
                for listed in changes.catalog:
                    self._engine.enlist(listed)
                after = facts[-1].position


@click.command(help="Recommendations by HTTP: kept, computed, an echo, and the engine alone.")
@click.option("--seconds", default=1.0, show_default=True, help="Length of a turn.")
@click.option("--rounds", default=3, show_default=True, help="Turns of each contender.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(seconds: float, rounds: int, as_json: bool) -> None:
    """Measure and print."""
    configure_logs("warning")
    with (
        running_site("recommendations", fill=fill) as site,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        questions = Questions(site, runner)
        tell("waiting until the recommender has read it all")
        questions.until_caught_up()
        contenders: dict[str, Contender] = {
            **{f"kept answer, {clients} clients": questions.kept(clients) for clients in CLIENTS},
            **{f"computed answer, {clients} clients": questions.computed(clients) for clients in CLIENTS},
            **{f"echo, {clients} clients": questions.echo(clients) for clients in CLIENTS},
            "engine alone": EngineAlone(site).feed,
        }
        results = take_turns(contenders, rounds=rounds, seconds=seconds)
    report(
        "Recommendations by HTTP",
        results,
        unit="answers/s",
        reference="echo, 1 clients",
        targets=(),
        notes=NOTES,
        as_json=as_json,
    )


if __name__ == "__main__":
    command()
