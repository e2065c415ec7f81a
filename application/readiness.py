"""Whether a process can serve: what it depends on, how each of these is, since when, and what fails meanwhile."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Literal

import msgspec
import structlog

from application.ports import Clock

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

Probe = Callable[[], Awaitable[None]]
"""Returns if the thing can be used; raises `NotReady`, or whatever else says that it cannot."""

PROBE_SECONDS = 2.0
"""A dependency that has not answered by then is down."""

FRESH_SECONDS = 0.5
"""However often somebody asks, dependencies are asked no more often than this."""


class NotReady(Exception):
    """It answers, and cannot do what it is there for; the message is for operators and holds no secret."""


class Dependency(msgspec.Struct, frozen=True, kw_only=True):
    """Something a process needs.

    ``without`` says what does not work while it is away, as a clause.  Without a
    ``required`` one nothing does.
    """

    name: str
    ask: Probe
    without: str
    required: bool = False


class Check(msgspec.Struct, frozen=True, omit_defaults=True):
    """How one dependency is.

    ``since`` is when it was first found down, ``error`` why, ``without`` what
    does not work meanwhile: for people.
    """

    status: Literal["up", "down"]
    milliseconds: float
    since: datetime | None = None
    error: str | None = None
    without: str | None = None


class Readiness(msgspec.Struct, frozen=True):
    """Whether to send requests here: ``degraded`` is yes, with something amiss; ``stopping`` is no, for good."""

    status: Literal["ready", "degraded", "unready", "stopping"]
    checks: Mapping[str, Check]

    @property
    def serves(self) -> bool:
        """Whether requests are answered as they should, or nearly so."""
        return self.status in {"ready", "degraded"}


class Watch:
    """Asks dependencies how they are, all at once, and remembers since when they are not."""

    def __init__(self, dependencies: Sequence[Dependency], clock: Clock) -> None:
        self._dependencies = dependencies
        self._clock = clock
        self._since: dict[str, datetime] = {}
        self._stopping = False
        self._looked = float("-inf")
        self._look: asyncio.Task[Mapping[str, Check]] | None = None

    def stop(self) -> None:
        """From now on the answer is that the process is about to end."""
        self._stopping = True

    async def readiness(self) -> Readiness:
        """How it stands; at most half a second old, and known after two seconds whatever hangs."""
        checks = await asyncio.shield(self._current_look())
        down = {each.name for each in self._dependencies if checks[each.name].status == "down"}
        if self._stopping:
            return Readiness("stopping", checks)
        if any(each.required and each.name in down for each in self._dependencies):
            return Readiness("unready", checks)
        return Readiness("degraded" if down else "ready", checks)

    def _current_look(self) -> asyncio.Task[Mapping[str, Check]]:
        if self._look is None or (self._look.done() and time.monotonic() - self._looked > FRESH_SECONDS):
            self._look = asyncio.create_task(self._look_at_all())
        return self._look

    async def _look_at_all(self) -> Mapping[str, Check]:
        checks = await asyncio.gather(*(self._check(each) for each in self._dependencies))
        self._looked = time.monotonic()
        return {each.name: check for each, check in zip(self._dependencies, checks, strict=True)}

    async def _check(self, dependency: Dependency) -> Check:
        began = time.perf_counter()
        asking = asyncio.ensure_future(dependency.ask())
        # Not `wait_for`: it would wait for the cancellation too, which a server that hears nothing can hold up.
        await asyncio.wait([asking], timeout=PROBE_SECONDS)
        milliseconds = round((time.perf_counter() - began) * 1000, 2)
        error: BaseException | None = TimeoutError()
        if asking.done():
            error = asking.exception()
        else:
            asking.cancel()
        if error is None:
            if self._since.pop(dependency.name, None):
                log.info("dependency_returned", dependency=dependency.name)
            return Check("up", milliseconds)
        return self._down(dependency, milliseconds, error)

    def _down(self, dependency: Dependency, milliseconds: float, error: BaseException) -> Check:
        name, reason = dependency.name, _reason(error)
        if name not in self._since:
            self._since[name] = self._clock()
            log.warning("dependency_down", dependency=name, error=str(error) or reason, without=dependency.without)
        return Check("down", milliseconds, self._since[name], reason, dependency.without)


def _reason(error: BaseException) -> str:
    """For whoever may ask, so without hosts and users, which messages of libraries may hold."""
    match error:
        case NotReady():
            return str(error)
        case TimeoutError():
            return f"no answer within {PROBE_SECONDS:g} s"
        case _:
            return f"it cannot be used ({type(error).__name__})"
