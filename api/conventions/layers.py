"""What every route below ``/api`` goes through, around and inside of the authentication."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from litestar.types import ASGIApp

from adapters.composition import System
from api.conventions.calls import Calls
from api.conventions.idempotency import CallsUnderWay
from api.conventions.rate_limits import FailureLimits, Failures, RateLimits, limits_of

Layer = Callable[[ASGIApp], ASGIApp]


class Conventions(NamedTuple):
    """Middleware of a router, the outermost first.

    A router whose routes need nobody's credentials takes ``inside`` alone.
    """

    around: Sequence[Layer]
    inside: Sequence[Layer]


def conventions(system: System) -> Conventions:
    """The middleware of one application."""
    limits, under_way = limits_of(system.settings), CallsUnderWay()

    failures = Failures(limits.failures, system.limiter) if limits.failures else None

    def failing(app: ASGIApp) -> ASGIApp:
        return FailureLimits(app, failures) if failures else app

    def rates(app: ASGIApp) -> RateLimits:
        return RateLimits(app, limits, system.limiter)

    def calls(app: ASGIApp) -> Calls:
        return Calls(app, under_way)

    return Conventions([failing], [rates, calls])
