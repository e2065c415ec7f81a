"""One collection of vectors; plain calls that block, each bounded in time.

Only what Milvus Lite and a cluster both have is used, and the consistency of
every read is named: on a cluster the default depends on the collection.
"""

import logging
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any
from uuid import UUID
from zlib import crc32

from projections.recommendations.ports import Point
from projections.recommendations.vectors import DIMENSION

CALL_SECONDS = 5.0
SEARCH_SECONDS = 0.5

PAGE = 1_000
"""Rows read at once by a survey."""

IDENTITY_LENGTH, GENRE_LENGTH = 36, 32

INDEX = {"index_type": "HNSW", "metric_type": "COSINE", "params": {"M": 16, "efConstruction": 200}}

MORE_THAN_ASKED = 2
"""HNSW looks at so many times more candidates than it returns."""


class VectorCollection:
    """The vectors of one embedder, under a name of their own; made when first opened."""

    def __init__(self, uri: str, *, name: str, token: str = "") -> None:
        self._uri = uri
        self._token = token
        self.name = name
        self._client: Any = None  # the library's results have no types

    def open(self) -> None:
        """Connect, and create the collection if it is missing.  Raises `pymilvus.MilvusException`."""
        # A second of imports, which must not hold up whoever has no need of vectors.
        from pymilvus import DataType, MilvusClient  # noqa: PLC0415 - see above

        # It logs a page of traceback for every call that fails; whoever calls logs one line.
        logging.getLogger("pymilvus").setLevel(logging.CRITICAL + 1)
        if self._client is None:
            self._client = MilvusClient(uri=self._uri, token=self._token, timeout=CALL_SECONDS)
        if self._client.has_collection(self.name, timeout=CALL_SECONDS):
            return
        schema = self._client.create_schema(auto_id=False, enable_dynamic_field=False)
        schema.add_field("video_id", DataType.VARCHAR, is_primary=True, max_length=IDENTITY_LENGTH)
        schema.add_field("creator_id", DataType.VARCHAR, max_length=IDENTITY_LENGTH)
        schema.add_field("genre", DataType.VARCHAR, max_length=GENRE_LENGTH)
        schema.add_field("stamp", DataType.INT64)
        schema.add_field("vector", DataType.FLOAT_VECTOR, dim=DIMENSION)
        index = self._client.prepare_index_params()
        index.add_index("vector", **INDEX)
        self._client.create_collection(
            self.name, schema=schema, index_params=index, consistency_level="Session", timeout=CALL_SECONDS
        )

    def close(self) -> None:
        """Give the connection back."""
        if self._client is not None:
            self._client.close()

    def drop(self) -> None:
        """Throw everything away; whoever keeps it complete makes it again."""
        self._client.drop_collection(self.name, timeout=CALL_SECONDS)

    def upsert(self, points: Sequence[Point]) -> None:
        """Have these points as they are now; safe to repeat."""
        rows = [
            {
                "video_id": str(point.video_id),
                "creator_id": str(point.creator_id),
                "genre": genre_key(point.genre),
                "stamp": stamp(point),
                "vector": point.vector,
            }
            for point in points
        ]
        self._client.upsert(self.name, rows, timeout=CALL_SECONDS)

    def delete(self, videos: Sequence[UUID]) -> None:
        """Have these no longer; safe to repeat."""
        self._client.delete(self.name, ids=[str(video) for video in videos], timeout=CALL_SECONDS)

    def count(self) -> int:
        """How many rows there are, those written a moment ago included."""
        rows = self._client.query(
            self.name, filter="", output_fields=["count(*)"], consistency_level="Strong", timeout=CALL_SECONDS
        )
        return int(rows[0]["count(*)"])

    def stamps(self) -> Mapping[UUID, int]:
        """What there is, by video; see `stamp`."""
        pages = self._client.query_iterator(
            self.name,
            batch_size=PAGE,
            output_fields=["video_id", "stamp"],
            consistency_level="Strong",
            timeout=CALL_SECONDS,
        )
        found: dict[UUID, int] = {}
        try:
            while page := pages.next():
                found.update((UUID(row["video_id"]), row["stamp"]) for row in page)
        finally:
            pages.close()
        return found

    def search(self, point: Point, *, genre: str | None, creator_id: UUID | None, count: int) -> Mapping[UUID, float]:
        """Cosines of the ``count`` nearest, the point itself among them; the last second's writes may be missing."""
        wanted: list[str] = []
        if genre is not None:
            wanted.append(f'genre == "{genre_key(genre)}"')
        if creator_id is not None:
            wanted.append(f'creator_id == "{creator_id}"')
        found = self._client.search(
            self.name,
            data=[point.vector],
            filter=" and ".join(wanted),
            limit=count,
            output_fields=["video_id"],
            search_params={"metric_type": "COSINE", "params": {"ef": MORE_THAN_ASKED * count}},
            consistency_level="Bounded",
            timeout=SEARCH_SECONDS,
        )
        return {UUID(hit["entity"]["video_id"]): float(hit["distance"]) for hit in found[0]}


def genre_key(genre: str | None) -> str:
    """A genre as rows hold it: of bounded length, and with nothing in it that a filter could stumble over."""
    return "" if genre is None else blake2b(genre.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def stamp(point: Point) -> int:
    """A number that differs, but for one chance in four billion, when a row must be written anew."""
    return crc32(f"{point.creator_id}{genre_key(point.genre)}".encode(), crc32(point.vector.tobytes()))
