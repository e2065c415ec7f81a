"""Small histories to import."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

NAMES = UUID("00000000-0000-4000-8000-000000000002")
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)


def history(*, users: int = 3, videos: int = 5, views: int = 40) -> list[bytes]:
    """The lines of a history file: users, their videos, then views with a search among every ten."""
    return [json.dumps(record).encode() for record in _records(users, videos, views)]


def _records(users: int, videos: int, views: int) -> Iterator[dict[str, object]]:
    for number in range(users):
        yield _record("user", number, name=f"Viewer {number}", country="FI")
    for number in range(videos):
        yield _record("video", number, creator_id=_id("creator", number % 3), title=f"Video {number}", genre="food")
    for number in range(views):
        seen: dict[str, object] = {"kind": "view", "video_id": _id("video", number % videos), "watched_ms": number}
        asked: dict[str, object] = {"kind": "search", "query": f"bread {number}"}
        told = asked if number % 10 == 0 else seen
        yield _record("interaction", number, user_id=_id("user", number % users), **told)


def _record(of: str, number: int, **fields: object) -> dict[str, object]:
    at = (BEGAN + timedelta(seconds=number)).isoformat()
    return {"type": of, "id": _id(of, number), "at": at, **fields}


def _id(kind: str, number: int) -> str:
    return str(uuid5(NAMES, f"{kind} {number}"))
