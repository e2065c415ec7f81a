"""For those who run the platform: is it alive, is it ready, how far is it, and what does it measure."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Literal

import msgspec
import structlog
from litestar import Controller, Response, get
from litestar.enums import MediaType
from litestar.openapi.datastructures import ResponseSpec

from adapters.composition import System
from api.auth import ApiRequest
from api.metrics import Metrics
from api.parts import Part
from api.problems import problems
from domain.identity.api_key import Scope

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

REQUIRED = ("postgres", "schema")
"""Without these nothing can be answered; without the others some things are slower, or not answered."""

PROBE_SECONDS = 2.0


class Check(msgspec.Struct, frozen=True, omit_defaults=True):
    """How one dependency is; ``error`` is the kind of error, for people."""

    status: Literal["up", "down"]
    milliseconds: float
    error: str | None = None


class Readiness(msgspec.Struct, frozen=True):
    """Whether to send requests here: ``degraded`` is yes, with something amiss."""

    status: Literal["ready", "degraded", "unready"]
    checks: Mapping[str, Check]


class LogStanding(msgspec.Struct, frozen=True):
    """How far a read model has come along one log; ``lag`` counts the events still to be taken in."""

    log: str
    position: int
    head: int
    lag: int
    moved_at: datetime


class ProjectionStanding(msgspec.Struct, frozen=True):
    """One version of a read model; the ``live`` one answers queries."""

    name: str
    version: int
    state: str
    logs: Sequence[LogStanding]


class ProjectionStandings(msgspec.Struct, frozen=True):
    """Every version of every read model, by name."""

    items: Sequence[ProjectionStanding]


class Health(Controller):
    """What load balancers, supervisors and Prometheus ask; no key is needed."""

    tags = ("operations",)

    @get("/livez", operation_id="IsAlive", summary="Is it alive")
    async def is_alive(self) -> dict[str, str]:
        """Whether the process answers at all; asks nobody else."""
        return {"status": "alive"}

    @get(
        "/readyz",
        operation_id="IsReady",
        summary="Is it ready",
        responses={503: ResponseSpec(Readiness, generate_examples=False, description="Send no requests here.")},
    )
    async def is_ready(self, system: Part[System]) -> Response[Readiness]:
        """What this process depends on, and whether it is there.

        503 only without the database; whatever else is away shows as `degraded`.
        """
        names, asked = zip(*((name, _check(name, system)) for name in system.probes), strict=True)
        checks = dict(zip(names, await asyncio.gather(*asked), strict=True))
        down = {name for name, check in checks.items() if check.status == "down"}
        if down & set(REQUIRED):
            return Response(Readiness("unready", checks), status_code=503)
        return Response(Readiness("degraded" if down else "ready", checks))

    @get("/metrics", operation_id="ReadMetrics", summary="Read the metrics", media_type=MediaType.TEXT)
    async def read_metrics(self, metrics: Part[Metrics]) -> Response[bytes]:
        """Metrics in Prometheus' text format."""
        return Response(await metrics.scrape(), media_type="text/plain; version=0.0.4; charset=utf-8")


class Projections(Controller):
    """Read models, by admins and auditors."""

    path = "/projections"
    tags = ("operations",)

    @get(operation_id="ListProjections", summary="List the read models", responses=problems(403))
    async def list_projections(self, request: ApiRequest, system: Part[System]) -> ProjectionStandings:
        """How far every version of every read model has come."""
        request.user.require(Scope.ADMIN, Scope.AUDITOR)
        standings = await system.positions.standings()
        # After the positions: a head read before them could lie behind them.
        heads = {name: await each.head() for name, each in system.logs.items()}
        return ProjectionStandings(
            [
                ProjectionStanding(
                    name,
                    version,
                    state,
                    [
                        LogStanding(at.log, at.position, heads[at.log], heads[at.log] - at.position, at.moved_at)
                        for at in logs
                    ],
                )
                for (name, version, state), logs in groupby(standings, key=lambda at: (at.name, at.version, at.state))
            ]
        )


async def _check(name: str, system: System) -> Check:
    began = time.perf_counter()
    asking = asyncio.ensure_future(system.probes[name]())
    # Not `wait_for`: it would wait for the cancellation too, which a server that hears nothing can hold up.
    await asyncio.wait([asking], timeout=PROBE_SECONDS)
    milliseconds = round((time.perf_counter() - began) * 1000, 2)
    if not asking.done():
        asking.cancel()
        error: BaseException | None = TimeoutError("no answer in time")
    else:
        error = asking.exception()
    if error is None:
        return Check("up", milliseconds)
    log.warning("dependency_down", dependency=name, error=str(error) or type(error).__name__)
    return Check("down", milliseconds, type(error).__name__)
