"""History files as commands meet them: named or piped in, compressed or not, with bad lines set aside beside them."""

import gzip
import io
import os
import select
import sys
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from application.history.importing import BadLine
from application.history.lines import LineReader
from application.history.records import LONGEST_LINE

STANDARD_INPUT = "-"
GZIP = b"\x1f\x8b"
BUFFER_BYTES = 1 << 18
LOOK_SECONDS = 0.2
"""How long a silent pipe keeps a reader from noticing that it should stop."""

DAMAGED = (gzip.BadGzipFile, zlib.error, EOFError)
"""What reading raises where a compressed file is damaged or cut off."""


class HistoryFile:
    """One file that is being read; ``done`` counts its bytes on disk, so that compressed ones can be measured too."""

    def __init__(self, name: str, raw: io.RawIOBase) -> None:
        self.name = name
        self._raw = raw
        self._plain = io.BufferedReader(raw, BUFFER_BYTES)

    def lines(self) -> LineReader:
        """A reader from the first line on; waits until that begins to come, since only then it shows what it is."""
        packed = self._plain.peek(len(GZIP)).startswith(GZIP)
        if not packed:
            return LineReader(self._plain)
        return LineReader(io.BufferedReader(gzip.GzipFile(fileobj=self._plain), BUFFER_BYTES))

    @property
    def done(self) -> int:
        """Bytes taken from the disk; 0 for a pipe."""
        return self._raw.tell() if self._raw.seekable() else 0


class HistoryFiles:
    """The files of one import, opened one after the other.

    ``total`` is what there is to read, in bytes on disk, and None with a pipe
    among the files.  What is piped in seems to end once ``stopping``.
    """

    def __init__(self, paths: Sequence[str], stopping: Callable[[], bool]) -> None:
        self._paths = paths
        self._stopping = stopping
        self._before = 0
        self._present: HistoryFile | None = None
        self.total = None if STANDARD_INPUT in paths else sum(Path(path).stat().st_size for path in paths)

    @property
    def done(self) -> int:
        """Bytes read so far, of all files."""
        return self._before + (self._present.done if self._present else 0)

    def __iter__(self) -> Iterator[HistoryFile]:
        for path in self._paths:
            with self._opened(path) as raw:
                self._present = HistoryFile("<stdin>" if path == STANDARD_INPUT else path, raw)
                yield self._present
                self._before, self._present = self.done, None

    def _opened(self, path: str) -> io.RawIOBase:
        return _Piped(sys.stdin.fileno(), self._stopping) if path == STANDARD_INPUT else io.FileIO(path)


class _Piped(io.RawIOBase):
    """A descriptor whose reader can be told to stop while nothing comes."""

    def __init__(self, descriptor: int, stopping: Callable[[], bool]) -> None:
        self._descriptor = descriptor
        self._stopping = stopping

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        while not self._stopping():
            if select.select([self._descriptor], [], [], LOOK_SECONDS)[0]:
                return os.readv(self._descriptor, [buffer])
        return 0


class RejectedLine(msgspec.Struct, frozen=True, omit_defaults=True):
    """A bad line as it is kept; ``text`` is the line itself, or ``base64`` if it is no UTF-8.

    Of a line that is too long its beginning is kept, and ``cut`` says so.
    """

    file: str
    line: int
    reason: str
    field: str | None = None
    text: str | None = None
    base64: bytes | None = None
    cut: bool = False


class RejectedLines:
    """The ``.rejected.jsonl`` beside each file; made anew by a run that has something for it.

    For what is piped in it is ``stdin.rejected.jsonl`` in the current directory.
    """

    def __init__(self) -> None:
        self.paths: list[Path] = []
        self._files: dict[str, io.FileIO] = {}

    def set_aside(self, bad: BadLine, text: bytes) -> None:
        """Write one line, through to the operating system."""
        if bad.file not in self._files:
            path = Path("stdin.rejected.jsonl" if bad.file == "<stdin>" else f"{bad.file}.rejected.jsonl")
            self._files[bad.file] = io.FileIO(path, "w")
            self.paths.append(path)
        self._files[bad.file].write(msgspec.json.encode(_kept(bad, text)) + b"\n")

    def close(self) -> None:
        """Close the files."""
        for file in self._files.values():
            file.close()


def _kept(bad: BadLine, text: bytes) -> RejectedLine:
    kept = text[:LONGEST_LINE]
    told = RejectedLine(file=bad.file, line=bad.line, reason=bad.reason, field=bad.field, cut=len(text) > len(kept))
    try:
        return msgspec.structs.replace(told, text=kept.decode())
    except UnicodeDecodeError:
        return msgspec.structs.replace(told, base64=kept)
