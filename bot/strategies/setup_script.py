"""Let setup.py run in the environment of a build: without the package itself and dropped keywords.

A build runs setup.py before the project's dependencies are installed, so it can't import the package that it builds.
Source: https://setuptools.pypa.io/en/latest/userguide/quickstart.html and the changelog of setuptools.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

import re2

from bot.codebase import Codebase
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._apis import Unit, drop_line
from bot.strategies._near import nearest
from bot.strategies._rewrites import move
from bot.strategies._text import Span, edit, replace
from bot.strategies._workflows import told

_NO_MODULE = re2.compile(r"No module named '([\w.]+)'")
_NO_NAME = re2.compile(r"cannot import name '(\w+)' from '(setuptools|distutils\.core)'")
_INVALID = re2.compile(r"setup command: (use_2to3\w*|convert_2to3_doctests) is invalid")
_NAMES = frozenset({"setup", "find_packages", "find_namespace_packages", "Extension", "Command"})


def _own_imports(unit: Unit, codebase: Codebase) -> Iterator[tuple[ast.Import | ast.ImportFrom, str]]:
    """Yield the imports of the project's own modules at the top of setup.py, with the module of each."""
    for node in (n for n in unit.tree.body if isinstance(n, ast.Import | ast.ImportFrom)):
        names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        names += [alias.name for alias in node.names] if isinstance(node, ast.Import) and len(node.names) == 1 else []
        for name in names:
            if name in codebase.modules or f"src.{name}" in codebase.modules:
                yield node, name


def _constant(module: str, name: str, codebase: Codebase) -> str:
    """Return the text that a module assigns to a name, as it is written; '' when it is no plain text."""
    path = codebase.modules.get(module) or codebase.modules.get(f"src.{module}", "")
    tree = codebase.tree(path) if path else None
    for node in tree.body if tree else ():
        targets = [one.id for one in node.targets if isinstance(one, ast.Name)] if isinstance(node, ast.Assign) else []
        value = node.value if isinstance(node, ast.Assign) else None
        if name in targets and isinstance(value, ast.Constant) and isinstance(value.value, str):
            return repr(value.value)
    return ""


def _without_itself(unit: Unit, codebase: Codebase) -> None:
    """Write the package's own texts into setup.py instead of importing the package."""
    for node, module in list(_own_imports(unit, codebase)):
        bound = {alias.asname or alias.name: alias.name for alias in node.names}
        spots: list[tuple[Span | ast.AST, str]] = []
        for each in ast.walk(unit.tree):
            if isinstance(node, ast.ImportFrom) and isinstance(each, ast.Name) and each.id in bound:
                spots.append((each, _constant(module, bound[each.id], codebase)))
            elif isinstance(node, ast.Import) and isinstance(each, ast.Attribute) and ast.unparse(each.value) in bound:
                spots.append((each, _constant(module, each.attr, codebase)))
        if spots and all(text for _, text in spots):
            unit.become(replace(unit.text, spots))
            again = next((n for n, name in _own_imports(unit, codebase) if name == module), None)
            if again is not None:
                drop_line(unit, again)


def _without_keywords(unit: Unit, names: set[str]) -> None:
    for call in (n for n in ast.walk(unit.tree) if isinstance(n, ast.Call)):
        for word in (k for k in call.keywords if k.arg in names):
            lines = unit.text.split("\n")
            if lines[word.lineno - 1].strip().startswith(f"{word.arg}=") and word.end_lineno == word.lineno:
                unit.become("\n".join([*lines[: word.lineno - 1], *lines[word.lineno :]]))
                return


def _changed(said: str, codebase: Codebase) -> str:
    unit = Unit(codebase.text("setup.py"))
    gone = set(_NO_MODULE.findall(said))
    if any(name.partition(".")[0] == "distutils" for name in gone):
        for name in ("setup", "Extension", "Command"):
            move(unit, f"distutils.core.{name}", f"setuptools.{name}")
    elif gone or "cannot import name" in said:
        _without_itself(unit, codebase)
    for name, _ in _NO_NAME.findall(said):
        near = nearest(name, _NAMES)
        if near:
            unit.become(str(re2.sub(rf"\b{re2.escape(name)}\b", near[0], unit.text)))
    _without_keywords(unit, set(_INVALID.findall(said)))
    return unit.text


@strategy(causes=("packaging", "missing-dependency", "import-error"), trust="review", prior=0.86)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal when setup.py can't run where a project is built."""
    if "setup.py" not in codebase.files or codebase.tree("setup.py") is None:
        return
    for one in edit("setup.py", codebase.text("setup.py"), _changed(told(diagnosis, codebase), codebase)):
        yield Proposal(
            strategy="setup_script",
            title="Let setup.py run before anything is installed",
            edits=(one,),
            confidence=0.84,
            why="a build runs setup.py in an environment that holds only what the build itself asks for.",
        )
