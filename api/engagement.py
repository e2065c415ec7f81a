"""``/api/interactions``: what viewers do, reported in batches."""

from collections.abc import Sequence
from typing import Annotated, ClassVar

import msgspec
from litestar import Controller, post
from litestar.params import JSONBody
from msgspec import Meta
from msgspec.structs import replace

from api.conventions.auth import ApiRequest
from api.conventions.faults import fault, refuse_nul
from api.conventions.idempotency import BY_IDS
from api.conventions.problems import problems
from api.conventions.repeated_keys import RepeatedKey, refuse_repeated_keys_of_flat
from api.parts import Part
from application.engagement import Engagement, Rejected, Reported
from domain.engagement.report import ReportedInteraction

BATCH_BYTES = 1 << 20
MOST = 500

CODES = {"Object missing required field": "field_missing", "Object contains unknown field": "unknown_field"}


class Interactions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Interactions in any order; each is accepted or rejected by itself."""

    interactions: Annotated[Sequence[ReportedInteraction], Meta(min_length=1, max_length=MOST)]


class UnreadInteractions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The same, so far read that the items are told apart: one that is malformed must not refuse its neighbours."""

    documented_as: ClassVar = Interactions

    interactions: Annotated[list[msgspec.Raw], Meta(min_length=1, max_length=MOST)]


class InteractionReports(Controller):
    """The door for reported facts."""

    path = "/interactions"
    tags = ("engagement",)

    @post(
        status_code=202,
        operation_id="ReportInteractions",
        summary="Report interactions",
        request_max_body_size=BATCH_BYTES,
        responses=problems(413),
        opt={BY_IDS: True},
    )
    async def report_interactions(
        self, request: ApiRequest, data: JSONBody[UnreadInteractions], engagement: Part[Engagement]
    ) -> Reported:
        """Record 1 to 500 interactions; the answer comes once they are on disk.

        An `id` that was recorded before counts as a duplicate, so that a batch
        can be sent again.  What is not valid is listed in `rejected`, by its
        `index` from 0, and the others are recorded.  Use `position` as
        `min_position=engagement:<position>`.
        """
        reports, rejected = _read(data.interactions)
        reported = await engagement.report(reports, request.user)
        if rejected:
            everyone = sorted([*reported.rejected, *rejected], key=lambda each: each.index)
            return replace(reported, rejected=everyone)
        return reported


_decoder = msgspec.json.Decoder(ReportedInteraction)


def _read(items: Sequence[msgspec.Raw]) -> tuple[list[tuple[int, ReportedInteraction]], list[Rejected]]:
    reports: list[tuple[int, ReportedInteraction]] = []
    rejected: list[Rejected] = []
    for index, item in enumerate(items):
        try:
            refuse_nul(bytes(item))
            refuse_repeated_keys_of_flat(bytes(item))
            reports.append((index, _decoder.decode(item)))
        except msgspec.ValidationError as wrong:
            rejected.append(_rejected(index, wrong))
        except RepeatedKey as wrong:
            rejected.append(Rejected(index, "repeated_key", str(wrong)))
        except RecursionError:
            rejected.append(Rejected(index, "invalid", "it is nested too deeply"))
    return reports, rejected


def _rejected(index: int, wrong: msgspec.ValidationError) -> Rejected:
    found = fault(wrong)
    code = next((code for said, code in CODES.items() if found.detail.startswith(said)), "invalid")
    return Rejected(index, code, f"{found.field}: {found.detail}" if found.field else found.detail)
