"""``playhead bench http``: what the conventions cost a request, stage by stage, and what they cost a command."""

import asyncio
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from itertools import count

import click
import msgspec
import uvloop
from msgspec.structs import replace

from adapters.composition import System
from adapters.embedded.ports import free_port
from application.catalog import VideoDetails
from tests.bench.facts import CREATOR, VIDEO
from tests.bench.harness import Contender, report, take_turns
from tests.bench.ingest import Bodies
from tests.bench.load import NO_HEADERS, crowd, post
from tests.bench.processes import OPERATOR, Site, process, running_site, until_answering
from tests.bench.stages import AUTHENTICATED, BARE, EDGE, LIMITED, WHOLE

CLIENTS = 16
REPLAYED_KEYS = 512
"""So many that none comes round again while its call is under way."""

TAKEN, MADE, DONE = 202, 201, 200
NOTES: Sequence[str] = (
    f"{CLIENTS} clients; the body is a report of one interaction.  Client, servers and PostgreSQL share the cores.",
    "bare: the framework alone, reading the body and giving it back.  Each stage has all those before it.",
    "edge: request id, trace context, careful headers, a line in the log, a metric, and the bounds of bodies.",
    "key and tag: the same, with an Idempotency-Key and an If-Match to read; nothing is looked up.",
    "spans: the same with a collector; each request is a span, sent in batches.",
    "draft: POST /api/videos of the real API, on disk when answered.  publish: again, so that nothing is recorded.",
)

Headers = Callable[[], Mapping[str, str]]


class Requests:
    """What the clients send."""

    def __init__(self, site: Site, runner: asyncio.Runner) -> None:
        self._site = site
        self._runner = runner
        self._numbers = count()

    def to_stage(self, port: int, stage: str, headers: Headers = lambda: NO_HEADERS) -> Contender:
        """To one stage of the conventions."""
        bodies = Bodies(1)
        return self._turns(port, lambda: post(f"/{stage}", bodies.next(), self._site.key, headers()), TAKEN)

    def draft(self, headers: Headers = lambda: NO_HEADERS) -> Contender:
        """A new video each time, but for a key that was used before."""
        body = msgspec.json.encode({"creator_id": CREATOR, "title": "A title as long as titles are, more or less"})
        return self._turns(self._site.port, lambda: post("/api/videos", body, self._site.key, headers()), MADE)

    def replayed(self) -> Contender:
        """A call that took effect before."""
        again = self.draft(self.used_key)
        for _ in range(REPLAYED_KEYS // CLIENTS):
            again(0.0)  # every client calls once
        return again

    def publish_again(self, headers: Mapping[str, str] = NO_HEADERS) -> Contender:
        """A command that changes nothing."""
        request = post(f"/api/videos/{VIDEO}/publication", b"", self._site.key, headers)
        return self._turns(self._site.port, lambda: request, DONE)

    def new_key(self) -> Mapping[str, str]:
        """A key that was not used before."""
        return {"Idempotency-Key": f"call-{next(self._numbers)}"}

    def used_key(self) -> Mapping[str, str]:
        """One of `REPLAYED_KEYS`, in turn."""
        return {"Idempotency-Key": f"again-{next(self._numbers) % REPLAYED_KEYS}"}

    def _turns(self, port: int, request: Callable[[], bytes], expected: int) -> Contender:
        return lambda seconds: self._runner.run(crowd(port, CLIENTS, seconds, request, expected=expected))


async def fill(system: System) -> None:
    """One video, published."""
    await system.catalog.draft_video(VIDEO, CREATOR, VideoDetails(title="A title"), OPERATOR)
    await system.catalog.publish_video(VIDEO, OPERATOR)


@contextmanager
def stages_beside(site: Site) -> Generator[tuple[int, int]]:
    """The ports of two processes with all stages: one without a collector, one with."""
    plain, traced, collector = free_port(), free_port(), free_port()
    collected = replace(site.settings, otlp_endpoint=f"http://127.0.0.1:{collector}")
    with ExitStack() as running:
        running.enter_context(process(["tests.bench.sink", str(collector)], site.settings))
        running.enter_context(process(["tests.bench.stages", str(plain)], site.settings))
        running.enter_context(process(["tests.bench.stages", str(traced)], collected))
        for port in (plain, traced):
            until_answering(port, f"/{BARE}")
        yield plain, traced


def contenders(requests: Requests, plain: int, traced: int) -> dict[str, Contender]:
    """Who takes part, in the order of turns."""
    tag = {"If-Match": '"2"'}

    def named() -> Mapping[str, str]:
        return {**requests.new_key(), **tag}

    return {
        "bare": requests.to_stage(plain, BARE),
        "+ edge": requests.to_stage(plain, EDGE),
        "+ authentication": requests.to_stage(plain, AUTHENTICATED),
        "+ rate limits": requests.to_stage(plain, LIMITED),
        "+ calls": requests.to_stage(plain, WHOLE),
        "+ key and tag": requests.to_stage(plain, WHOLE, named),
        "+ spans": requests.to_stage(traced, WHOLE, named),
        "draft": requests.draft(),
        "draft, new key": requests.draft(requests.new_key),
        "draft, replayed": requests.replayed(),
        "publish": requests.publish_again(),
        "publish, If-Match": requests.publish_again(tag),
    }


@click.command(help="What the conventions cost: stage by stage beside the bare framework, and of whole commands.")
@click.option("--seconds", default=1.0, show_default=True, help="Length of a turn.")
@click.option("--rounds", default=5, show_default=True, help="Turns of each contender.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(seconds: float, rounds: int, as_json: bool) -> None:
    """Measure and print."""
    with (
        running_site(fill=fill) as site,
        stages_beside(site) as (plain, traced),
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        results = take_turns(contenders(Requests(site, runner), plain, traced), rounds=rounds, seconds=seconds)
    report(
        "What the conventions cost",
        results,
        unit="requests/s",
        reference="bare",
        targets=(),
        notes=NOTES,
        as_json=as_json,
    )


if __name__ == "__main__":
    command()
