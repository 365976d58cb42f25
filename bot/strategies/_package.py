"""The folder of the package that a project ships."""

from __future__ import annotations

from bot.codebase import Codebase
from bot.codebase.metadata import canonical

_NEVER = frozenset({"tests", "test", "docs", "doc", "examples", "example", "benchmarks", "scripts", "tools", "build"})


def package_folder(codebase: Codebase) -> str:
    """Return the folder of the one package the project ships: the one called like it, else the only one; or ''."""
    found = {path.removesuffix("/__init__.py") for path in codebase.python_files if path.endswith("/__init__.py")}
    tops = {f for f in found if "/" not in f or (f.startswith("src/") and f.count("/") == 1)}
    tops = {folder for folder in tops if folder.rpartition("/")[2] not in _NEVER}
    own = [f for f in tops if canonical(f.rpartition("/")[2]) == canonical(codebase.metadata.name)]
    return own[0] if len(own) == 1 else tops.pop() if len(tops) == 1 else ""
