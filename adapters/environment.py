"""Settings out of variables: which were given, from where, and whether they make sense.

Knows nothing of any one setting: `adapters.settings` says which there are.
"""

import difflib
import stat
import typing
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta

PREFIX = "PLAYHEAD_"
FROM_FILE = "_FILE"
"""``PLAYHEAD_MASTER_KEY_FILE`` names the file that holds what ``PLAYHEAD_MASTER_KEY`` would."""

CONTAINER_SECRETS = Path("/run/secrets")
"""Where container engines mount secrets, with modes of their own choosing, for this container alone."""

OTHERS_MAY_READ = stat.S_IRGRP | stat.S_IROTH

T = TypeVar("T", bound=msgspec.Struct)
Secret = Annotated[str, Meta(extra={"secret": True})]
"""Never shown; may be given as a file, too."""


class SettingsInvalid(Exception):
    """Settings are missing or make no sense; the message names every variable and the fix."""


class Variable(msgspec.Struct, frozen=True, kw_only=True):
    """One setting, for people.

    ``expects`` is its type with its bounds; ``meaning`` one sentence or two.
    ``secret`` ones are never shown, and may be given by file.
    """

    name: str
    field: str
    type: Any
    expects: str
    default: Any
    meaning: str
    secret: bool


def variables_of(settings: type[msgspec.Struct]) -> Sequence[Variable]:
    """All settings of a struct whose fields are named by their variables, in its order."""
    hints = typing.get_type_hints(settings, include_extras=True)
    return [_variable(each, hints[each.name]) for each in msgspec.structs.fields(settings)]


def read_variables(environment: Mapping[str, str], settings: type[msgspec.Struct]) -> dict[str, str]:
    """What is given by the environment, secrets out of their files; an empty value counts as none.

    Raises `SettingsInvalid`.
    """
    given = {name: value for name, value in environment.items() if name.startswith(PREFIX) and value}
    wrong = list[str]()
    for each in variables_of(settings):
        if each.secret and (path := given.pop(each.name + FROM_FILE, "")):
            if each.name in given:
                wrong.append(f"{each.name}{FROM_FILE}: {each.name} is set as well; keep one of the two")
                continue
            try:
                given[each.name] = _secret_in(Path(path))
            except (OSError, ValueError) as problem:
                reason = problem.strerror if isinstance(problem, OSError) else problem
                wrong.append(f"{each.name}{FROM_FILE}: {path}: {reason}")
    if wrong:
        raise SettingsInvalid("; ".join(wrong))
    return given


def checked(given: Mapping[str, Any], settings: type[T]) -> T:
    """The settings, all of them checked before any complaint.  Raises `SettingsInvalid` that names each wrong one."""
    values, wrong = dict[str, Any](), list[str]()
    for each in variables_of(settings):
        if each.name in given:
            try:
                values[each.field] = msgspec.convert(given[each.name], each.type, strict=False)
            except msgspec.ValidationError:
                said = "" if each.secret else f" is {given[each.name]!r}, and"
                wrong.append(f"{each.name}{said} must be {each.expects}")
    if wrong:
        raise SettingsInvalid("; ".join(wrong))
    return settings(**values)


def unknown(environment: Mapping[str, str], settings: type[msgspec.Struct]) -> Mapping[str, str]:
    """Variables that look like settings and are none, each with the name most like it, or nothing."""
    known = [name for each in variables_of(settings) for name in _names(each)]
    strange = sorted(name for name in environment if name.startswith(PREFIX) and name not in known)
    return {name: next(iter(difflib.get_close_matches(name, known, 1, 0.85)), "") for name in strange}


def _names(variable: Variable) -> Sequence[str]:
    return [variable.name, variable.name + FROM_FILE] if variable.secret else [variable.name]


def _secret_in(path: Path) -> str:
    if stat.S_IMODE(path.stat().st_mode) & OTHERS_MAY_READ and CONTAINER_SECRETS not in path.parents:
        raise ValueError("others may read it; chmod 600 it")
    if not (secret := path.read_text().strip()):
        raise ValueError("it is empty")
    return secret


def _variable(field: msgspec.structs.FieldInfo, hint: Any) -> Variable:
    described = _metas(hint)
    return Variable(
        name=field.encode_name,
        field=field.name,
        type=hint,
        expects=_expected(hint, described),
        default=field.default,
        meaning=" ".join(each.description for each in described if each.description),
        secret=any((each.extra or {}).get("secret") for each in described),
    )


def _metas(hint: Any) -> Sequence[Meta]:
    return [each for each in getattr(hint, "__metadata__", ()) if isinstance(each, Meta)]


def _expected(hint: Any, described: Sequence[Meta]) -> str:
    bare = typing.get_args(hint)[0] if typing.get_origin(hint) is Annotated else hint
    if typing.get_origin(bare) is typing.Literal:
        return "one of " + ", ".join(typing.get_args(bare))
    said = {int: "a whole number", float: "a number", str: "text", bool: "true or false"}.get(bare, str(bare))
    for each in described:
        if form := (each.extra or {}).get("form"):
            return str(form)
    bounds = [
        f"{words} {getattr(each, bound):g}"
        for bound, words in (("ge", "at least"), ("gt", "above"), ("le", "at most"), ("lt", "below"))
        for each in described
        if getattr(each, bound) is not None
    ]
    return f"{said}, {' and '.join(bounds)}" if bounds else said
