"""Words that must not be found, in every form in which a file may hold them."""

import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote


def forms(word: str) -> set[bytes]:
    """The word in UTF-8 and UTF-16, as JSON and URLs escape it, in hex, and in Base64 at each of three offsets.

    In Base64 the ends of a word depend on its neighbours; what is certain of it
    is looked for.
    """
    plain = {word.encode(), word.casefold().encode(), word.upper().encode(), json.dumps(word)[1:-1].encode()}
    plain |= {quote(word, safe="").encode(), word.encode("utf-16-le"), word.encode("utf-16-be")}
    encoded = {form for text in plain for form in _in_base64(text)}
    in_hex = {text.hex().encode() for text in plain} | {text.hex().upper().encode() for text in plain}
    return plain | encoded | in_hex


def _in_base64(text: bytes) -> Iterator[bytes]:
    for offset in range(3):
        for encode in (b64encode, urlsafe_b64encode):
            encoded = encode(b"\0" * offset + text).rstrip(b"=")
            # The first group mixes with what stands before, the last one with what comes after.
            yield encoded[4 if offset else 0 : -2]


def found(directory: Path, words: list[str]) -> dict[str, set[str]]:
    """Which words lie in which files below ``directory``; looks into every byte of every file."""
    looked_for = {form: word for word in words for form in forms(word)}
    hits: dict[str, set[str]] = {}
    for file in directory.rglob("*"):
        if not file.is_file():
            continue
        try:
            contents = file.read_bytes()
        except FileNotFoundError:  # servers come and go with theirs
            continue
        for form, word in looked_for.items():
            if form in contents:
                hits.setdefault(str(file.relative_to(directory)), set()).add(word)
    return hits
