"""The house rules that no linter knows: short modules, few imports, names that say something."""

import ast
import re

import pytest

from tests.support.source_tree import ROOT, Module, modules

PRODUCTION = modules()
ALL = [*PRODUCTION, *modules("tests")]

MODULE_LINES = 300
FUNCTION_LINES = 60
IMPORTS_OF_OURS = 15

LONGER: dict[str, str] = {}
"""Modules that may be longer, and why."""

WIDER = {
    "adapters/composition.py": "wires everything, and nothing else does",
}
"""Modules that may import more of ours, and why."""

BANNED_ANYWHERE = {"manager", "managers", "helper", "helpers", "util", "utils", "common", "info", "handle", "do"}
BANNED_AS_NOUN = {"data", "base"}
"""Vague where they are the thing itself (`user_data`); a data directory is a thing with a name."""
BANNED_AS_VERB = {"process", "handle"}
"""Vague as an order; a process of the operating system is a thing with a name."""

of_each = pytest.mark.parametrize("module", ALL, ids=lambda module: module.path)
of_each_in_production = pytest.mark.parametrize("module", PRODUCTION, ids=lambda module: module.path)


def words(name: str) -> list[str]:
    """``HTTPProblem`` → ``http``, ``problem``; ``read_model`` → ``read``, ``model``."""
    return [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+", name)]


def is_vague(name: str) -> bool:
    said = words(name)
    return bool(said) and (bool(BANNED_ANYWHERE & set(said)) or said[-1] in BANNED_AS_NOUN or said[0] in BANNED_AS_VERB)


@of_each
def test_a_module_can_be_read_in_one_sitting(module: Module):
    lines = len(module.text.splitlines())
    assert lines <= MODULE_LINES or module.path in LONGER


@of_each
def test_a_function_can_be_seen_at_once(module: Module):
    long = {it.name: it.end_lineno - it.lineno + 1 for it in module.functions if it.end_lineno}
    assert {name: lines for name, lines in long.items() if lines > FUNCTION_LINES} == {}


@of_each_in_production
def test_a_module_leans_on_few_others(module: Module):
    assert len(module.imports_of_ours) <= IMPORTS_OF_OURS or module.path in WIDER


def test_no_exemption_is_older_than_its_reason():
    for module in ALL:
        assert module.path not in LONGER or len(module.text.splitlines()) > MODULE_LINES
        assert module.path not in WIDER or len(module.imports_of_ours) > IMPORTS_OF_OURS


@of_each_in_production
def test_names_say_something(module: Module):
    own = module.path.removesuffix(".py").removesuffix("/__init__").rpartition("/")[2]
    named = [own, *(it.name for it in module.classes), *(it.name for it in module.functions)]
    assert [name for name in named if not name.startswith("__") and is_vague(name)] == []


@pytest.mark.parametrize(
    "name", ["LogManager", "helpers", "user_data", "process_event", "handle_like", "EventBase", "do_it", "run_common"]
)
def test_a_vague_name_is_found(name):
    assert is_vague(name)


@pytest.mark.parametrize("name", ["data_directory", "database", "child_process", "information", "load_settings", "_x"])
def test_a_name_that_says_something_is_not(name):
    assert not is_vague(name)


@pytest.mark.parametrize(
    "module", [it for it in ALL if it.path.endswith("/__init__.py")], ids=lambda module: module.path
)
def test_a_package_says_what_it_is_and_nothing_else(module: Module):
    assert ast.get_docstring(module.tree)
    assert len(module.tree.body) == 1


def test_every_directory_of_modules_is_a_package():
    for module in ALL:
        assert (ROOT / module.path).with_name("__init__.py").exists(), f"{module.path} stands outside of a package"


SILENCER = re.compile(r"#\s*(?:noqa:\s*[A-Z]+[0-9]+(?:, ?[A-Z]+[0-9]+)*|pyright:\s*ignore\[[\w, ]+\])")
BLANKET = re.compile(r"#\s*(?:noqa(?!:)|pyright:\s*(?:ignore(?!\[)|basic|standard)|type:\s*ignore|ruff:\s*noqa)")


def is_silenced_without_reason(line: str) -> bool:
    """Whether a comment hides a finding and says no word about why, or hides everything."""
    found = SILENCER.search(line)
    said = words(SILENCER.sub("", line[found.start() :])) if found else []
    return bool(BLANKET.search(line)) or (found is not None and len(said) < 2)


@of_each
def test_a_rule_is_silenced_for_a_reason_that_is_given(module: Module):
    if module.path == "tests/contracts/test_modules.py":
        return
    assert [line.strip() for line in module.text.splitlines() if is_silenced_without_reason(line)] == []


@pytest.mark.parametrize(
    ("line", "without"),
    [
        ("x = 1  # noqa: S101", True),
        ("x = 1  # noqa: S101, DTZ001 - bounds only", False),
        ("x = 1  # pyright: ignore[reportAny]", True),
        ("x = 1  # pyright: ignore[reportAny] # the library says so", False),
        ("x = 1  # noqa: S101 # pyright: ignore[reportAny]", True),
        ("x = 1  # noqa: S101  # pyright: ignore[reportAny] - it hands us this", False),
        ("x = 1  # noqa", True),
        ("x = 1  # type: ignore", True),
        ("x = 1  # a comment", False),
    ],
)
def test_a_silenced_rule_is_found(line, without):
    assert is_silenced_without_reason(line) is without
