"""``/api/subjects``: what is held about a person, for themself and for admins."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Controller, Response, delete, get
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath
from litestar.response import Stream

from adapters.composition import System
from api.conventions.auth import ApiRequest
from api.conventions.bearers import Bearers
from api.conventions.problems import problems
from api.conventions.receipts import Accepted, answered
from api.parts import Part

Things = Sequence[dict[str, Any]]


class SubjectExport(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is held about a person, a list for each heading; ``form`` names the shape of all of it.

    ``user`` and ``account`` have one entry at most.  ``identity`` and
    ``interactions`` are the facts as they are recorded.  A value of the kind
    ``erased`` is one that nobody can read any more.
    """

    form: str
    user_id: UUID
    exported_at: datetime
    erased: bool
    user: Things
    account: Things
    sessions: Things
    api_keys: Things
    mails: Things
    videos: Things
    identity: Things
    interactions: Things


EXPORT = ResponseSpec(SubjectExport, generate_examples=False, description="One document; it may be long.")


class DataSubjects(Controller):
    """People, as those whom data is about."""

    path = "/subjects/{user_id:uuid}"
    tags = ("accounts",)

    @get(
        operation_id="ExportSubject",
        summary="Export what is held about a person",
        media_type="application/json",
        responses={200: EXPORT, **problems(403, 404, 429)},
    )
    async def export_subject(self, request: ApiRequest, user_id: FromPath[UUID], system: Part[System]) -> Stream:
        """Everything that the platform holds about a user, secrets aside, which it does not hold.

        For the user themself, five times an hour, and for admins; a service's key does not do.
        """
        return Stream(await system.subjects.export(user_id, request.user), media_type="application/json")

    @delete(
        status_code=200,
        operation_id="EraseSubject",
        summary="Erase a person",
        responses=problems(403, 404, 409, 412),
    )
    async def erase_subject(
        self, request: ApiRequest, user_id: FromPath[UUID], system: Part[System], bearers: Part[Bearers]
    ) -> Response[Accepted]:
        """Forget a user, for good: nobody can sign in as them, and what is personal cannot be read by anybody.

        What they did stays as the doings of nobody in particular.  Answers once all of it is done; erasing again
        changes nothing.  For the user themself and for admins.
        """
        receipt = await system.subjects.erase(user_id, request.user)
        bearers.forget_user(user_id)
        return answered(receipt)
