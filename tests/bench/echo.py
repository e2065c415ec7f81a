"""The least that the same framework can do: read the same body and give it back, or give out a list of videos.

``python -m tests.bench.echo PORT`` runs it as ``python -m api`` runs the API.
"""

import sys
from uuid import UUID

import uvicorn
from litestar import Litestar, get, post

from api.engagement import Interactions
from projections.recommendations.question import Answer, Reason, ReasonCode, Recommended

VIDEO = UUID("0190a8b0-0000-7000-8000-000000000005")
TWENTY = Answer(
    items=tuple(
        Recommended(
            video_id=VIDEO,
            title="A title as long as titles are, more or less",
            creator_id=VIDEO,
            score=0.5,
            reasons=(Reason(code=ReasonCode.POPULAR, text="Popular with other viewers"),),
        )
        for _ in range(20)
    ),
    positions={"engagement": 1, "catalog": 1},
)


@post("/echo", status_code=202)
async def echo(data: Interactions) -> Interactions:
    """What was sent."""
    return data


@get("/twenty")
async def twenty(user_id: UUID) -> Answer:
    """The same twenty videos for everybody."""
    assert user_id
    return TWENTY


def serve(port: int) -> None:
    """Answer until killed."""
    app = Litestar([echo, twenty], openapi_config=None, logging_config=None)
    uvicorn.run(
        app,
        port=port,
        loop="uvloop",
        http="httptools",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
    )


if __name__ == "__main__":
    serve(int(sys.argv[1]))
