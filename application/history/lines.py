"""The lines of a history file, a batch at a time, with their numbers."""

from typing import NamedTuple, Protocol

from application.history.records import LONGEST_LINE

BOM = b"\xef\xbb\xbf"

BATCH_LINES = 2_000
BATCH_BYTES = 8_000_000
"""Where a batch ends, whichever comes first: it is held in memory and recorded as one."""


class Line(NamedTuple):
    """A line that is not blank; ``number`` counts from 1 and counts blank ones too."""

    number: int
    text: bytes


class Stream(Protocol):
    """What bytes are read from: any buffered binary file."""

    def readline(self, size: int = -1, /) -> bytes:
        """The bytes up to and with the next newline, at most ``size``; empty at the end."""
        ...


class LineReader:
    """Reads batches of lines.

    A mark of byte order before the first line, CRLF, blank lines and a last line
    without newline are all fine.  Of a line beyond `LONGEST_LINE` just so much
    is kept that it shows as too long.
    """

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._number = 0

    def read(self) -> list[Line]:
        """The next batch; empty at the end of the file."""
        batch: list[Line] = []
        size = 0
        readline, number = self._stream.readline, self._number
        while len(batch) < BATCH_LINES and size < BATCH_BYTES and (line := readline(LONGEST_LINE + 2)):
            number += 1
            if len(line) > LONGEST_LINE and not line.endswith(b"\n"):
                self._skip_rest()
            text = line.strip() if number > 1 else line.removeprefix(BOM).strip()
            if text:
                batch.append(Line(number, text))
                size += len(text)
        self._number = number
        return batch

    def _skip_rest(self) -> None:
        while (part := self._stream.readline(LONGEST_LINE)) and not part.endswith(b"\n"):
            pass
