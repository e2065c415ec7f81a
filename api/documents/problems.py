"""The table of the codes that problem documents bear."""

from itertools import groupby

from api import app
from api.conventions.problem_codes import problem_codes
from api.conventions.problems import MEANINGS
from api.documents.markdown import code, page, table

LOADED = app
"""Brings in every module that has a refusal of its own."""

INTRODUCTION = """\
Every error is a problem document ([RFC 9457](https://www.rfc-editor.org/rfc/rfc9457)), with media type
`application/problem+json`:

```json
{
  "type": "/reference/problems#invalid",
  "title": "Unprocessable Entity",
  "status": 422,
  "detail": "Expected `str` of length >= 1",
  "code": "invalid",
  "instance": "/api/videos",
  "errors": [{"field": "title", "detail": "Expected `str` of length >= 1"}]
}
```

`code` is stable: let programs look at that. `detail` is a sentence for people, and may change. `errors` names the
fields or parameters at fault, all of them where that can be found out. `type` leads to the explanation of the code, on
the platform itself. Every answer has an `X-Request-Id`, under which the logs tell more.

In a batch of interactions each item that is refused has a code of its own, in `rejected`: one of those below, or
`unknown_field` for a field that there is not, `repeated_key` for one that is there twice.
"""


def rendered() -> str:
    """The page."""
    parts: list[str] = []
    for status, codes in groupby(problem_codes(), key=lambda each: each.status):
        rows = [(code(each.code), each.meaning) for each in codes]
        parts.append(f"## {status}\n\n{MEANINGS.get(status, '')}\n\n{table(('code', 'meaning'), rows)}")
    return page("Problems", INTRODUCTION, *parts)
