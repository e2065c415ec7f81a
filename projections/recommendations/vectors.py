"""Videos as points, near to each other where they are about the same."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Protocol
from zlib import crc32

import numpy as np

from domain.catalog.video import Details
from projections.recommendations.arrays import Floats

DIMENSION = 256

TITLE_WORD, DESCRIPTION_WORD, PART, GENRE, THEME, FIELD = 1.0, 0.4, 0.3, 1.5, 1.2, 0.6
"""What each part weighs: what a creator stated outweighs what the words suggest."""

DESCRIPTION_WORDS = 64
"""Words of a description that are read; the first ones say what it is about."""

WORD = re.compile(r"\w+")


class Embedder(Protocol):
    """Turns what a creator says of a video into a vector."""

    @property
    def name(self) -> str:
        """Another one for another meaning of the numbers; vectors of two names are never compared."""
        ...

    def embed(self, details: Details) -> Floats:
        """A vector of shape ``(DIMENSION,)`` and length 1; the same for the same details in every process."""
        ...


class HashedWords:
    """Words, their parts and the stated fields, each hashed to a place and a sign (Weinberger et al., 2009).

    Parts are three letters, or two in scripts that put more into a letter and
    no spaces between words.  Needs no model and knows no language; on video
    titles a lexical embedding finds neighbours of the same category better than
    small sentence encoders do.
    """

    name = "hashed_words_1"

    def embed(self, details: Details) -> Floats:
        """See `Embedder`; details without a single word are a point of their own."""
        vector = np.zeros(DIMENSION, np.float32)
        for feature, weight in _features(details):
            place = crc32(feature.encode("utf-8", "surrogatepass"))
            vector[place % DIMENSION] += weight if place & 0x8000_0000 else -weight
        length = float(np.sqrt(vector @ vector))
        if not length:
            vector[0], length = 1.0, 1.0
        return vector / np.float32(length)


def _features(details: Details) -> Iterator[tuple[str, float]]:
    for word in _words(details.title):
        yield f"word {word}", TITLE_WORD
        size, padded = 3 if word.isascii() else 2, f" {word} "
        for start in range(len(padded) - size + 1):
            yield f"part {padded[start : start + size]}", PART
    for word in _words(details.description)[:DESCRIPTION_WORDS]:
        yield f"word {word}", DESCRIPTION_WORD
    for theme in details.themes:
        yield f"theme {_plain(theme)}", THEME
    if details.genre:
        yield f"genre {_plain(details.genre)}", GENRE
    for field in ("tone", "pacing", "language"):
        if stated := getattr(details, field):
            yield f"{field} {_plain(stated)}", FIELD


def _words(text: str) -> list[str]:
    return WORD.findall(_plain(text))


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()
