"""What a command answers."""

from uuid import UUID

import msgspec
from litestar import Response
from prometheus_client import Counter

from api.conventions.preconditions import etag
from application.repository import Receipt

REPLAYS = Counter("playhead_idempotency_replays_total", "Commands answered as an earlier call with the same key was.")


class Accepted(msgspec.Struct, frozen=True):
    """Where a command left a thing.

    ``version`` counts its changes from 1.  Pass ``position`` as ``min_position``
    to a query that is to know of this.
    """

    id: UUID
    version: int
    position: int


def accepted(receipt: Receipt) -> Accepted:
    """The receipt, in the words of the API."""
    return Accepted(receipt.stream_id, receipt.version, receipt.position)


def answered(receipt: Receipt, *, location: str | None = None) -> Response[Accepted]:
    """The answer to a command on one thing: its new tag, whether this is a replay, and ``location`` if it is new.

    ``location`` is the path of its kind, as ``/api/videos``.
    """
    headers = {"ETag": etag(receipt.version), **replay_headers(receipt)}
    if location is not None:
        headers["Location"] = f"{location}/{receipt.stream_id}"
    return Response(accepted(receipt), headers=headers)


def replay_headers(receipt: Receipt) -> dict[str, str]:
    """What tells a replay; counts it."""
    if not receipt.replayed:
        return {}
    REPLAYS.inc()
    return {"Idempotency-Replayed": "true"}
