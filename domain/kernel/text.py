"""What text may be recorded."""

import re

_NUL_ESCAPE = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
"""An odd number of backslashes makes it an escape."""


def holds_nul(json: bytes) -> bool:
    """Whether a JSON document has U+0000 in a string: a character that PostgreSQL keeps neither as text nor as JSON.

    Asked of all input from outside, since an event that holds one could be
    recorded and never projected.
    """
    return b"\\u0000" in json and _NUL_ESCAPE.search(json) is not None
