"""For those who run the platform: is it alive, is it ready, and what does it measure."""

from litestar import Controller, Response, get
from litestar.enums import MediaType

from api.metrics import Metrics
from api.parts import Part


class Probes(Controller):
    """What load balancers and supervisors ask."""

    tags = ("operations",)

    @get("/livez", operation_id="IsAlive")
    async def livez(self) -> dict[str, str]:
        """Whether the process answers at all; asks nobody else."""
        return {"status": "alive"}


@get("/metrics", operation_id="ReadMetrics", tags=["operations"], media_type=MediaType.TEXT)
async def read_metrics(metrics: Part[Metrics]) -> Response[bytes]:
    """Metrics in Prometheus' text format."""
    return Response(await metrics.scrape(), media_type="text/plain; version=0.0.4; charset=utf-8")
