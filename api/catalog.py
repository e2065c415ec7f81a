"""``/api/videos`` and ``/api/creators``."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post, put
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from adapters.composition import System
from api.conventions.auth import ApiRequest
from api.conventions.cursor import Cursor, Limit, cursor_of, place_of
from api.conventions.min_position import MinPosition, until_known
from api.conventions.preconditions import tagged
from api.conventions.problems import problems
from api.conventions.receipts import Accepted, answered
from api.parts import Part
from api.shown_videos import ShownCreator, ShownVideoWithCounts, VideoPage, shown, shown_creator, shown_with_counts
from application.catalog import Catalog, VideoDetails
from application.ports import Clock
from domain.catalog.video import Status, VideoNotFound
from domain.kernel.errors import NotFound
from domain.kernel.ids import uuid7

Place = tuple[datetime, UUID]
"""The last row of a page: when the video was drafted, and its id."""


class NewVideo(VideoDetails, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A video of a creator; an ``id`` of the caller's choice makes the call repeatable."""

    creator_id: UUID
    id: UUID | None = None


class Withdrawal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why a video is taken out, for the history; viewers are not told.  It stays for good: name nobody in it."""

    reason: Annotated[str, Meta(min_length=1, max_length=500)]


class CreatorNotFound(NotFound):
    """No video and no follow names this creator."""

    code = "creator_not_found"


class Videos(Controller):
    """Videos: commands by those who may act for their creators, and a question for everybody."""

    path = "/videos"
    tags = ("catalog",)

    @post(operation_id="DraftVideo", summary="Draft a video", responses=problems(403, 409, 413))
    async def draft_video(
        self, request: ApiRequest, data: JSONBody[NewVideo], catalog: Part[Catalog], clock: Part[Clock]
    ) -> Response[Accepted]:
        """Begin a video that only its creator sees.  Drafting an `id` again changes nothing, whatever the details."""
        receipt = await catalog.draft_video(data.id or uuid7(clock()), data.creator_id, data, request.user)
        return answered(receipt, location="/api/videos")

    @put(
        "/{video_id:uuid}",
        operation_id="ChangeVideo",
        summary="Change a video",
        responses=problems(403, 404, 409, 412, 413),
    )
    async def change_video(
        self, request: ApiRequest, video_id: FromPath[UUID], data: JSONBody[VideoDetails], catalog: Part[Catalog]
    ) -> Response[Accepted]:
        """Replace all details of a video."""
        return answered(await catalog.change_video(video_id, data, request.user))

    @post(
        "/{video_id:uuid}/publication",
        status_code=200,
        operation_id="PublishVideo",
        summary="Publish a video",
        responses=problems(404, 409, 412),
    )
    async def publish_video(
        self, request: ApiRequest, video_id: FromPath[UUID], catalog: Part[Catalog]
    ) -> Response[Accepted]:
        """Show a video to viewers.  Publishing it again changes nothing."""
        return answered(await catalog.publish_video(video_id, request.user))

    @post(
        "/{video_id:uuid}/withdrawal",
        status_code=200,
        operation_id="WithdrawVideo",
        summary="Withdraw a video",
        responses=problems(404, 409, 412, 413),
    )
    async def withdraw_video(
        self, request: ApiRequest, video_id: FromPath[UUID], data: JSONBody[Withdrawal], catalog: Part[Catalog]
    ) -> Response[Accepted]:
        """Take a video out of every list, for good."""
        return answered(await catalog.withdraw_video(video_id, data.reason, request.user))

    @get("/{video_id:uuid}", operation_id="GetVideo", summary="Get a video", responses=problems(304, 404))
    async def get_video(
        self, request: ApiRequest, video_id: FromPath[UUID], system: Part[System], min_position: MinPosition = None
    ) -> Response[ShownVideoWithCounts]:
        """A video, and what viewers did with it.

        Drafts and withdrawn videos are shown to those who may act for their creator; for others there is no such video.
        """
        await until_known(system, min_position, system.videos, system.video_engagement)
        row = await system.videos.video(video_id)
        if row is None or not (row.status is Status.PUBLISHED or request.user.acts_for(row.creator_id)):
            raise VideoNotFound("there is no such video")
        video = shown_with_counts(row, await system.video_engagement.counts(video_id))
        return tagged(request, video, video.version, video.counts)


class Creators(Controller):
    """Those who make videos."""

    path = "/creators/{creator_id:uuid}"
    tags = ("catalog",)

    @get(operation_id="GetCreator", summary="Get a creator", responses=problems(404))
    async def get_creator(
        self, creator_id: FromPath[UUID], system: Part[System], min_position: MinPosition = None
    ) -> ShownCreator:
        """A creator: somebody whom a video or a follow names."""
        await until_known(system, min_position, system.creators)
        if (counts := await system.creators.creator(creator_id)) is None:
            raise CreatorNotFound("no video and no follow names this creator")
        return shown_creator(creator_id, counts)

    @get("/videos", operation_id="ListVideosOfCreator", summary="List a creator's videos", responses=problems(404))
    async def list_videos(
        self,
        request: ApiRequest,
        creator_id: FromPath[UUID],
        system: Part[System],
        limit: Limit = 20,
        cursor: Cursor = None,
        min_position: MinPosition = None,
    ) -> VideoPage:
        """A creator's videos, the one drafted last first; published ones only, but for those who may act for them."""
        before = None if cursor is None else place_of(cursor, Place)
        await until_known(system, min_position, system.videos)
        own = request.user.acts_for(creator_id)
        # One more than asked for tells whether there is another page.
        rows = await system.videos.by_creator(creator_id, own=own, limit=limit + 1, before=before)
        last = rows[limit - 1] if len(rows) > limit else None
        return VideoPage(
            [shown(row) for row in rows[:limit]], cursor_of((last.drafted_at, last.video_id)) if last else None
        )
