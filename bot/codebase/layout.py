"""Where a repository keeps its importable code and its tests, told from its paths alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import PurePosixPath

import re2

_TEST_FILE = re2.compile(r"(^|/)(test_[^/]*|[^/]*_test|tests?|conftest)\.py$")
TEST_FOLDERS = frozenset({"tests", "test", "testing_suite", "unit_tests", "testsuite"})
_NOT_CODE = frozenset({"docs", "doc", "examples", "example", "build", "dist", "node_modules", ".git", ".tox", ".nox"})


@lru_cache(maxsize=200_000)
def is_test_path(path: str) -> bool:
    """Return whether a path is test code by the usual names: `test_*.py`, `*_test.py`, conftest, a tests folder."""
    if not path.endswith((".py", ".pyi")):
        return False
    return bool(_TEST_FILE.search(path)) or bool(TEST_FOLDERS.intersection(PurePosixPath(path).parts[:-1]))


def import_roots(files: Iterable[str]) -> tuple[str, ...]:
    """Return the folders, relative to the tree, that hold importable code: `.` first, then `src`, `lib`, members.

    A folder without `__init__.py` counts when packages or modules lie in it, none of its parents is a package, and
    it has one of the customary names; monorepos get one root for each member (`packages/a/src`).
    """
    paths = tuple(files)
    python = [PurePosixPath(path) for path in paths if path.endswith(".py")]
    packages = {str(path.parent) for path in python if path.name == "__init__.py"}
    found = {".", *project_folders(paths)}
    for path in python:
        found.update(_customary_roots(path, packages))
    return tuple(sorted(found, key=lambda root: (root != ".", root.count("/"), root)))


def _customary_roots(path: PurePosixPath, packages: set[str]) -> Iterable[str]:
    for parent in path.parents:
        name = str(parent)
        if parent.name in {"src", "lib", "python"} and name not in packages and not _hidden(parent):
            yield name


def _hidden(path: PurePosixPath) -> bool:
    return bool(_NOT_CODE.intersection(path.parts)) or any(part.startswith(".") for part in path.parts)


_PROJECT_FILES = frozenset({"pyproject.toml", "setup.py", "setup.cfg", "Pipfile", "tox.ini", "manage.py"})
_MOST_PROJECTS = 12


def project_folders(files: Iterable[str]) -> tuple[str, ...]:
    """Return the folders that hold a Python project: `.` when the top is one or none is, else its members."""
    paths = [PurePosixPath(path) for path in files]
    found = {str(path.parent) for path in paths if path.name in _PROJECT_FILES and not _hidden(path.parent)}
    found |= {str(path.parent) for path in paths if path.name == "requirements.txt" and _member(path)}
    loose = any(len(path.parts) == 1 and path.suffix == ".py" for path in paths)
    if not found or "." in found or loose or any(_top_code(path) for path in paths):
        return (".",)
    outer = [one for one in found if not any(one.startswith(f"{other}/") for other in found)]
    return tuple(sorted(outer)[:_MOST_PROJECTS])


def _member(path: PurePosixPath) -> bool:
    return len(path.parts) == 2 and not _hidden(path) and path.parts[0] not in {"requirements", "reqs", *TEST_FOLDERS}


def _top_code(path: PurePosixPath) -> bool:
    """Tests or a package right below the top make the top the project, whatever lies in other folders."""
    return len(path.parts) == 2 and (is_test_path(str(path)) and path.parts[0] in TEST_FOLDERS)


def module_map(files: Iterable[str]) -> Mapping[str, str]:
    """Return the dotted name of every Python file by its nearest import root; the first of two equal names wins."""
    paths = [path for path in files if path.endswith(".py")]
    roots = sorted(import_roots(paths), key=len, reverse=True)
    found: dict[str, str] = {}
    for path in sorted(paths, key=lambda one: (is_test_path(one), one)):
        name = dotted(path, roots)
        if name:
            found.setdefault(name, path)
    return found


def dotted(path: str, roots: Iterable[str]) -> str:
    """Return the module name of a path under the first of `roots` (longest first) that holds it, else ''."""
    for root in roots:
        prefix = "" if root == "." else f"{root}/"
        if path.startswith(prefix):
            name = path[len(prefix) :].removesuffix(".py").replace("/", ".").removesuffix(".__init__")
            return "" if name == "__init__" else name
    return ""


def top_packages(files: Iterable[str]) -> tuple[str, ...]:
    """Return the top import names that the repository itself provides, tests included."""
    return tuple(sorted({name.partition(".")[0] for name in module_map(files)}))
