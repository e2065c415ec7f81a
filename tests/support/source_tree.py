"""The repository as text and as syntax trees, for promises about the code itself."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("domain", "application", "projections", "adapters", "api", "workers")
_NOT_OURS = {".git", ".venv", ".uv", "__pycache__", "htmlcov", "site"}


@dataclass(frozen=True)
class Module:
    """One source file; ``path`` is relative to the repository, as ``domain/events.py``."""

    path: str

    @cached_property
    def text(self) -> str:
        """The source."""
        return (ROOT / self.path).read_text()

    @cached_property
    def tree(self) -> ast.Module:
        """The source as a syntax tree."""
        return ast.parse(self.text, self.path)

    @property
    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        """All functions and methods, nested ones too."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield node

    @property
    def classes(self) -> Iterator[ast.ClassDef]:
        """All classes, nested ones too."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.ClassDef):
                yield node

    @cached_property
    def imports_of_ours(self) -> frozenset[str]:
        """The modules of this repository that it imports, wherever in the file it does."""
        named: set[str] = set()
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                named |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                named.add(node.module)
        return frozenset(name for name in named if name.partition(".")[0] in PACKAGES)


def modules(*packages: str) -> list[Module]:
    """The source files of top-level packages, by default all that are run in production."""
    return [
        Module(str(path.relative_to(ROOT)))
        for package in packages or PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
    ]


def files() -> Iterator[Path]:
    """Every file that belongs to the repository; caches that tools leave behind do not."""
    for path in sorted(ROOT.iterdir()):
        if path.name in _NOT_OURS or path.name.endswith("_cache") or path.name in {".hypothesis", ".coverage"}:
            continue
        yield from [path] if path.is_file() else _under(path)


def _under(directory: Path) -> Iterator[Path]:
    return (path for path in sorted(directory.rglob("*")) if path.is_file() and not _NOT_OURS & set(path.parts))
