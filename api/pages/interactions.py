"""What viewers say with the buttons beside a video or a creator, and how those stand."""

from collections.abc import Mapping
from typing import Literal
from uuid import UUID

import msgspec
from litestar import Response

from adapters.composition import System
from api.pages.forms import read_form
from api.pages.rendering import onward, own_path
from api.pages.viewer import PageRequest, Viewer, signed_in
from domain.engagement.report import ReportedInteraction
from domain.kernel.errors import Invalid
from projections.viewer_marks import Mark


class WhatViewersSay(msgspec.Struct, frozen=True, kw_only=True):
    """The fields of the forms beside a video.

    ``id`` was chosen when the page was drawn: pressing a button twice reports once.
    """

    id: UUID
    kind: Literal["like", "unlike", "save", "unsave", "hide", "follow", "unfollow", "view", "progress"]
    back: str = "/"
    watched_ms: int | None = None


async def report(
    request: PageRequest, system: System, *, creator_id: UUID, video_id: UUID | None = None
) -> Response[None]:
    """Record what the form says of a video or a creator, and go back to a page that waits until it knows of it."""
    viewer = signed_in(request)
    said = (await read_form(request)).read(WhatViewersSay)
    reported = await system.engagement.report(
        [(0, _interaction(said, viewer, system, creator_id, video_id))], viewer.actor
    )
    if reported.rejected:
        raise InteractionRejected(reported.rejected[0].detail)
    known_at = f"after=engagement:{reported.position}"
    if said.kind == "hide":
        return onward(request, f"/?{known_at}", flash="hidden")
    return onward(request, f"{own_path(said.back).partition('?')[0]}?{known_at}")


class InteractionRejected(Invalid):
    """The log's door turned the report away."""

    code = "interaction_rejected"


def _interaction(
    said: WhatViewersSay, viewer: Viewer, system: System, creator_id: UUID, video_id: UUID | None
) -> ReportedInteraction:
    return ReportedInteraction(
        id=said.id,
        at=system.clock(),
        user_id=viewer.user_id,
        kind=said.kind,
        video_id=video_id,
        creator_id=creator_id,
        watched_ms=said.watched_ms,
    )


async def marks_of(system: System, viewer: Viewer | None, *targets: UUID) -> Mapping[UUID, frozenset[Mark]]:
    """How the viewer has marked videos and creators; visitors mark nothing."""
    return await system.viewer_marks.marks(viewer.user_id, targets) if viewer else {}
