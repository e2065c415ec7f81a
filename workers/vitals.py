"""Signs of life of the followers in one process: a step that takes for ever shows, though the process still runs."""

import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Literal

import msgspec
from prometheus_client import Counter

HUNG_SECONDS = 120.0
"""A step that takes longer will not end: batches take seconds at most, and a mail under way has its own time-outs."""


FAILURES = Counter("playhead_follower_failures_total", "Steps that failed, and are tried again.", ["follower"])


class Sign(msgspec.Struct, frozen=True, omit_defaults=True):
    """How one follower is; ``seconds`` is for how long it has been so, ``error`` the kind of its last failure."""

    status: Literal["following", "failing", "hung"]
    seconds: float
    error: str | None = None


class Pulse:
    """One follower's: it says when it begins a step, and how that ended; `step` says both."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._stepping_since: float | None = None
        self._failing_since: float | None = None
        self._well_since = time.monotonic()
        self._error: str | None = None

    def begin(self) -> None:
        """A step begins now."""
        self._stepping_since = time.monotonic()

    def end(self, error: Exception | None = None) -> None:
        """The step has ended, well or not."""
        self._stepping_since = None
        if error is not None:
            self._failing_since = self._failing_since or time.monotonic()
            self._error = type(error).__name__
            FAILURES.labels(self.name).inc()
        elif self._failing_since is not None:
            self._failing_since, self._error, self._well_since = None, None, time.monotonic()

    @contextmanager
    def step(self, *, fine: type[Exception] | tuple[()] = ()) -> Generator[None]:
        """One step from its beginning to its end; what is ``fine`` may be raised by one that is well."""
        self.begin()
        try:
            yield
        except Exception as error:
            self.end(None if isinstance(error, fine) else error)
            raise
        except BaseException:
            self.end()
            raise
        self.end()

    def sign(self) -> Sign:
        """How it is now."""
        now = time.monotonic()
        if self._stepping_since is not None and now - self._stepping_since > HUNG_SECONDS:
            return Sign("hung", round(now - self._stepping_since, 1), self._error)
        if self._failing_since is not None:
            return Sign("failing", round(now - self._failing_since, 1), self._error)
        return Sign("following", round(now - self._well_since, 1))


class Vitals:
    """The pulses of all followers in this process."""

    def __init__(self) -> None:
        self._pulses: list[Pulse] = []

    @contextmanager
    def of(self, name: str) -> Generator[Pulse]:
        """A pulse to be felt as long as the follower of this name runs."""
        pulse = Pulse(name)
        self._pulses.append(pulse)
        try:
            yield pulse
        finally:
            self._pulses.remove(pulse)

    def signs(self) -> dict[str, Sign]:
        """How each follower is, by name."""
        return {pulse.name: pulse.sign() for pulse in self._pulses}

    def hung(self) -> Sequence[str]:
        """The names of those whose step does not end; only another process can help then."""
        return [name for name, sign in self.signs().items() if sign.status == "hung"]


VITALS = Vitals()
"""Those of this process, as its metrics are: whatever follows is felt without a word of its own."""
