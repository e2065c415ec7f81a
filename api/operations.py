"""For those who run the platform: is it alive, is it ready, how far is it, and what does it measure."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import Literal

import msgspec
from litestar import Controller, Response, get
from litestar.enums import MediaType
from litestar.openapi.datastructures import ResponseSpec
from litestar.status_codes import HTTP_200_OK, HTTP_503_SERVICE_UNAVAILABLE

from adapters.composition import System
from api.conventions.auth import ApiRequest
from api.conventions.problems import problems
from api.metrics import Metrics
from api.parts import Part
from application.readiness import Readiness
from domain.identity.api_key import Scope


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


class Alive(msgspec.Struct, frozen=True):
    """There is no other answer: who is not alive gives none."""

    status: Literal["alive"]


class Health(Controller):
    """What load balancers and supervisors ask; no key is needed."""

    tags = ("operations",)

    @get("/livez", operation_id="IsAlive", summary="Is it alive")
    async def is_alive(self) -> Alive:
        """Whether the process answers at all; asks nobody else."""
        return Alive("alive")

    @get(
        "/readyz",
        operation_id="IsReady",
        summary="Is it ready",
        responses={503: ResponseSpec(Readiness, generate_examples=False, description="Send no requests here.")},
    )
    async def is_ready(self, system: Part[System]) -> Response[Readiness]:
        """What this process depends on, whether it is there, and else what does not work meanwhile.

        503 without the database, and from the moment the process is told to stop; whatever else is away shows as
        `degraded`.
        """
        readiness = await system.readiness.readiness()
        return Response(readiness, status_code=HTTP_200_OK if readiness.serves else HTTP_503_SERVICE_UNAVAILABLE)


class Measurements(Controller):
    """What Prometheus asks; no key is needed.  On a port of its own if the settings name one."""

    tags = ("operations",)

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
        return await standings_of(system)


async def standings_of(system: System) -> ProjectionStandings:
    """Every read model, and how far it has come."""
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
