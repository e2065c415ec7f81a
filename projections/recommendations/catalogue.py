"""What there is to recommend; it depends on the catalog log and nothing else."""

from typing import Any
from uuid import UUID

import numpy as np

from projections.recommendations.arrays import Counts, Floats, Index, Indices, Mask, Packed, grown, restored, stored
from projections.recommendations.changes import CatalogChange, Listing, Publication, Withdrawal
from projections.recommendations.vectors import DIMENSION, Embedder

NONE = -1
DRAFT, PUBLISHED, WITHDRAWN = 0, 1, 2


class Catalogue:
    """Videos in the order in which they were drafted: about 1.4 KiB each, of which the vector is 1 KiB."""

    def __init__(self, embedder: Embedder) -> None:
        self.videos = Index()
        self.creators = Index()
        self.titles: list[str] = []
        self._embedder = embedder
        self._genres: dict[str, int] = {}
        self._genre_names: list[str] = []
        self._genre: Indices = np.zeros(0, np.int32)
        self._creator: Indices = np.zeros(0, np.int32)
        self._status: Indices = np.zeros(0, np.int32)
        self._published_at: Counts = np.zeros(0)
        self._vectors: Floats = np.zeros((0, DIMENSION), np.float32)

    def __len__(self) -> int:
        return len(self.videos)

    def take(self, change: CatalogChange) -> None:
        """Take in one change; taking it in again changes nothing."""
        video = self._meet(change.video.bytes)
        match change:
            case Listing(details=details, creator=creator):
                self.titles[video] = details.title
                self._genre[video] = NONE if details.genre is None else self._genre_number(details.genre)
                self._vectors[video] = self._embedder.embed(details)
                if creator is not None:
                    self._creator[video] = self.creators.number(creator.bytes)
            case Publication(position=position):
                if self._status[video] == DRAFT:
                    self._status[video] = PUBLISHED
                    self._published_at[video] = position
            case Withdrawal():
                self._status[video] = WITHDRAWN

    @property
    def published(self) -> Mask:
        """Which videos may be shown; shape ``(videos,)``."""
        return self._status[: len(self)] == PUBLISHED

    @property
    def published_at(self) -> Counts:
        """Positions of the catalog log; 0 for what never was published."""
        return self._published_at[: len(self)]

    @property
    def vectors(self) -> Floats:
        """One row of length 1 for each video."""
        return self._vectors[: len(self)]

    def allowed(self, genre: str | None, creator: UUID | None) -> Mask:
        """Published, and of this genre and creator where one is named; the caller may change it."""
        allowed = self.published
        if genre is not None:
            allowed &= self._genre[: len(self)] == self._genres.get(genre, NONE - 1)
        if creator is not None:
            number = self.creators.get(creator.bytes)
            allowed &= self._creator[: len(self)] == (NONE - 1 if number is None else number)
        return allowed

    def by(self, creators: frozenset[bytes]) -> Mask:
        """Which videos are by one of ``creators``."""
        numbers = [number for creator in creators if (number := self.creators.get(creator)) is not None]
        return np.isin(self._creator[: len(self)], numbers)

    def id_of(self, video: int) -> UUID:
        """The video's id."""
        return UUID(bytes=self.videos.ids[video])

    def creator_of(self, video: int) -> UUID:
        """Its creator's id."""
        return UUID(bytes=self.creators.ids[int(self._creator[video])])

    def genre_of(self, video: int) -> str | None:
        """Its genre, as stated."""
        number = int(self._genre[video])
        return None if number == NONE else self._genre_names[number]

    def _meet(self, identity: bytes) -> int:
        video = self.videos.number(identity)
        if video == len(self.titles):
            self.titles.append("")
            self._genre = grown(self._genre, video + 1, fill=NONE)
            self._creator = grown(self._creator, video + 1, fill=NONE)
            self._status = grown(self._status, video + 1)
            self._published_at = grown(self._published_at, video + 1)
            self._vectors = grown(self._vectors, video + 1)
        return video

    def _genre_number(self, genre: str) -> int:
        number = self._genres.setdefault(genre, len(self._genres))
        if number == len(self._genre_names):
            self._genre_names.append(genre)
        return number

    def packed(self) -> dict[str, Any]:
        """For the checkpoint."""
        size = len(self)
        return {
            "embedder": self._embedder.name,
            "videos": self.videos.packed(),
            "creators": self.creators.packed(),
            "titles": self.titles,
            "genres": self._genre_names,
            "genre": stored(self._genre[:size]),
            "creator": stored(self._creator[:size]),
            "status": stored(self._status[:size]),
            "published_at": stored(self._published_at[:size]),
            "vectors": stored(self._vectors[:size]),
        }

    def restore(self, written: Packed) -> None:
        """As it was when packed; the embedder must be the same."""
        self.videos = Index(written["videos"])
        self.creators = Index(written["creators"])
        self.titles = list(written["titles"])
        self._genre_names = list(written["genres"])
        self._genres = {genre: number for number, genre in enumerate(self._genre_names)}
        self._genre = restored(written["genre"])
        self._creator = restored(written["creator"])
        self._status = restored(written["status"])
        self._published_at = restored(written["published_at"])
        self._vectors = restored(written["vectors"])
