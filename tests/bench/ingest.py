"""``playhead bench ingest``: interactions by HTTP, each answered once it is on disk."""

import asyncio
import secrets
from collections.abc import Callable, Sequence
from itertools import count

import click
import msgspec
import uvloop

from adapters.composition import utc_now
from tests.bench.facts import CREATOR, ENOUGH_MS, USER, VIDEO
from tests.bench.harness import Contender, Turn, report, take_turns
from tests.bench.load import crowd, post
from tests.bench.processes import Site, running_site

SIZES = ((1, 64), (20, 32), (100, 16))
"""Interactions in a call, and clients that call at once."""

ACCEPTED = 202
NOTES: Sequence[str] = (
    "ours: POST /api/interactions of the real API process, key, checks, group commit and fsync included.",
    "echo: the same framework and server, reading the same body into the same structs and giving it back.",
    "rates count interactions; latencies are of calls.  Client, servers and PostgreSQL share the cores.",
)


class Bodies:
    """Bodies of so many interactions, each with an id of its own; made by filling in a form."""

    def __init__(self, interactions: int) -> None:
        self._form = msgspec.json.encode({"interactions": [_interaction("%s") for _ in range(interactions)]}).decode()
        self._interactions = interactions
        self._run = f"0190a8b0-{secrets.token_hex(2)}-7{secrets.token_hex(2)[1:]}-8{secrets.token_hex(2)[1:]}-"
        self._numbers = count()

    def next(self) -> bytes:
        """The next body."""
        ids = tuple(f"{self._run}{next(self._numbers):012x}" for _ in range(self._interactions))
        return (self._form % ids).encode()


def _interaction(event_id: str) -> dict[str, object]:
    return {
        "id": event_id,
        "at": utc_now().isoformat(),
        "user_id": str(USER),
        "kind": "view",
        "video_id": str(VIDEO),
        "creator_id": str(CREATOR),
        "watched_ms": ENOUGH_MS,
        "session_id": "session-4711",
        "device": "phone",
        "os": "android",
        "country": "DE",
    }


class Calls:
    """What the clients send, and how many interactions were answered by us."""

    def __init__(self, site: Site, runner: asyncio.Runner) -> None:
        self._site = site
        self._runner = runner
        self.answered = 0

    def to_us(self, interactions: int, clients: int) -> Contender:
        """To the API."""
        request = self._requests("/api/interactions", interactions)

        def turn(seconds: float) -> Turn:
            done = self._turn(self._site.port, request, clients, seconds)
            self.answered += len(done.latencies) * interactions
            return Turn(len(done.latencies) * interactions, done.seconds, done.latencies)

        return turn

    def to_echo(self, interactions: int, clients: int) -> Contender:
        """To the echo."""
        request = self._requests("/echo", interactions)

        def turn(seconds: float) -> Turn:
            done = self._turn(self._site.echo_port, request, clients, seconds)
            return Turn(len(done.latencies) * interactions, done.seconds, done.latencies)

        return turn

    def _requests(self, path: str, interactions: int) -> Callable[[], bytes]:
        bodies = Bodies(interactions)
        return lambda: post(path, bodies.next(), self._site.key)

    def _turn(self, port: int, request: Callable[[], bytes], clients: int, seconds: float) -> Turn:
        return self._runner.run(crowd(port, clients, seconds, request, expected=ACCEPTED))


@click.command(help="Durable ingestion by HTTP: ours, and an echo by the same framework.")
@click.option("--seconds", default=2.0, show_default=True, help="Length of a turn.")
@click.option("--rounds", default=3, show_default=True, help="Turns of each contender.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(seconds: float, rounds: int, as_json: bool) -> None:
    """Measure and print."""
    with running_site() as site, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        calls = Calls(site, runner)
        contenders: dict[str, Contender] = {}
        for interactions, clients in SIZES:
            shape = f"{interactions} a call, {clients} clients"
            contenders[f"ours, {shape}"] = calls.to_us(interactions, clients)
            contenders[f"echo, {shape}"] = calls.to_echo(interactions, clients)
        results = take_turns(contenders, rounds=rounds, seconds=seconds)
        recorded = site.within(lambda system: system.logs["engagement"].head())
    if recorded != calls.answered:
        raise click.ClickException(f"{calls.answered} interactions were answered, {recorded} are recorded")
    report(
        "Durable ingestion by HTTP",
        results,
        unit="inter./s",
        reference="echo, 1 a call, 64 clients",
        targets=(),
        notes=(*NOTES, f"{recorded:,} interactions stand in the log, as many as were answered."),
        as_json=as_json,
    )


if __name__ == "__main__":
    command()
