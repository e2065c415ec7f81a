"""``/api/recommendations`` and ``/api/similar-videos``."""

from typing import Annotated
from uuid import UUID

from litestar import Controller, get
from litestar.params import QueryParameter

from adapters.composition import System
from api.conventions.auth import ApiRequest
from api.conventions.min_position import MinPosition, positions_recorded
from api.conventions.problems import problems
from api.parts import Part
from projections.recommendations.question import Answer, FeedQuestion, SimilarQuestion

LOGS = ("engagement", "catalog")
"""What a recommendation is computed from; a position without a name is one of the first."""

Count = Annotated[
    int, QueryParameter(ge=1, le=100, description="How many; fewer come only where no more may be shown.")
]
Genre = Annotated[str | None, QueryParameter(min_length=1, max_length=64, description="Only videos of this genre.")]
CreatorId = Annotated[UUID | None, QueryParameter(description="Only videos of this creator.")]


class Recommendations(Controller):
    """What to show next, and why."""

    tags = ("recommendations",)

    @get(
        "/recommendations",
        operation_id="GetRecommendations",
        summary="Get recommendations",
        responses=problems(403),
    )
    async def get_recommendations(
        self,
        request: ApiRequest,
        system: Part[System],
        user_id: Annotated[UUID, QueryParameter(description="For whom.")],
        count: Count = 20,
        genre: Genre = None,
        creator_id: CreatorId = None,
        min_position: MinPosition = None,
    ) -> Answer:
        """The videos to show a user next, best first; each says why it is there.

        Never one that the user has seen or hidden.  A user nobody has heard of
        is answered too.
        """
        request.user.require_self(user_id)
        at_least = dict(await positions_recorded(system.logs, min_position, LOGS))
        return await system.recommender.feed(
            FeedQuestion(user_id=user_id, count=count, genre=genre, creator_id=creator_id, at_least=at_least)
        )

    @get(
        "/similar-videos",
        operation_id="GetSimilarVideos",
        summary="Get similar videos",
        responses=problems(404),
    )
    async def get_similar_videos(
        self,
        system: Part[System],
        video_id: Annotated[UUID, QueryParameter(description="Like which.")],
        count: Count = 20,
        genre: Genre = None,
        creator_id: CreatorId = None,
        min_position: MinPosition = None,
    ) -> Answer:
        """The videos most like a published one, without itself."""
        at_least = dict(await positions_recorded(system.logs, min_position, LOGS))
        return await system.recommender.similar(
            SimilarQuestion(video_id=video_id, count=count, genre=genre, creator_id=creator_id, at_least=at_least)
        )
