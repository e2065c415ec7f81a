"""What a command answers."""

from uuid import UUID

import msgspec

from application.repository import Receipt


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
