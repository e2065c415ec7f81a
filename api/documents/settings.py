"""The table of settings."""

from adapters.settings import Variable, settings_reference
from api.documents.markdown import code, page, table

INTRODUCTION = """\
Settings are environment variables. They are read once and all checked at start: a process that finds some wrong ends
with one line that names each of them and what it must be. A variable that begins with `PLAYHEAD_` and is not in this
table is warned about. An empty one counts as not set. `./playhead settings` shows those in force, with the secrets
hidden.

Those marked **secret** can be given as files as well: `PLAYHEAD_MASTER_KEY_FILE=/path` stands for the first line of
that file, which nobody but its owner may be able to read (mode 0600; under `/run/secrets`, where container engines
put them, any mode will do).

While `./playhead up` runs, the processes and commands on its data directory find their servers by themselves; a
variable wins over that.
"""


def rendered() -> str:
    """The page."""
    rows = [
        (
            code(each.name) + (" **secret**" if each.secret else ""),
            each.meaning,
            _expected(each),
            code(_default(each.default)),
        )
        for each in settings_reference()
    ]
    return page("Settings", INTRODUCTION, table(("variable", "meaning", "what it must be", "default"), rows))


def _expected(setting: Variable) -> str:
    return code(setting.expects) if "://" in setting.expects else setting.expects


def _default(value: object) -> str:
    return f"{value:_}".replace("_", " ") if isinstance(value, int) and not isinstance(value, bool) else str(value)
