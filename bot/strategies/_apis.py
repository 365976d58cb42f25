"""What a file says of other libraries, told by where its names come from, and the imports that a rewriting takes.

Names are told apart by where they come from, not by how they look: `np.float_` and `from numpy import float_` are both
`numpy.float_`, and a variable of the same name is neither.
"""

from __future__ import annotations

import ast
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import lru_cache

from bot.codebase.changes import split_lines
from bot.codebase.repository import parse
from bot.strategies._imports import add, top_imports
from bot.strategies._library import STANDARD
from bot.strategies._scope import scopes
from bot.strategies._statements import without_name
from bot.strategies._text import Span, replace, source


@dataclass
class Unit:
    """One file while it is rewritten: its text, its syntax tree, and where its names come from."""

    text: str
    own: frozenset[str] = frozenset()
    tree: ast.Module = field(init=False)
    origins: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        """Read the text."""
        self.become(self.text)

    def become(self, text: str) -> None:
        """Take another text; raises SyntaxError when it does not parse."""
        tree = parse(text)
        if tree is None:
            raise SyntaxError("the rewritten text does not parse")
        self.text, self.tree, self.origins = text, tree, origins(tree)

    def mentions(self, api: str) -> bool:
        """Return whether the first and last part of an API's name are in the text: else nothing here can mean it."""
        first = api.partition(".")[0]
        return api.rpartition(".")[2] in self.text and (first == "builtins" or first in self.text)

    def origin(self, node: ast.AST) -> str:
        """Return the dotted API that an expression names, '' when it names none that was imported."""
        if isinstance(node, ast.Name):
            return self.origins.get(node.id, "")
        if isinstance(node, ast.Attribute):
            left = self.origin(node.value)
            return f"{left}.{node.attr}" if left else ""
        return ""

    def bound(self) -> set[str]:
        """Return every name that the file binds anywhere."""
        return {name for scope in scopes(self.tree)[0].walk() for name in scope.bound}


def origins(tree: ast.Module) -> dict[str, str]:
    """Return the dotted origin of every name that absolute imports bind, those that other code rebinds left out."""
    found: dict[str, str] = {}
    rebound: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            rebound.update(() if isinstance(node.ctx, ast.Load) else (node.id,))
        elif isinstance(node, ast.arg):
            rebound.add(node.arg)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                found[alias.asname or alias.name.partition(".")[0]] = (
                    alias.name if alias.asname else alias.name.partition(".")[0]
                )
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    return {name: origin for name, origin in found.items() if name not in rebound}


@lru_cache(maxsize=8)
def imports_in(tree: ast.Module) -> tuple[ast.Import | ast.ImportFrom, ...]:
    """Return every import statement of a file, nested ones too."""
    return tuple(node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom))


@lru_cache(maxsize=8)
def guarded(tree: ast.Module) -> set[int]:
    """Return the lines inside `try` statements that fall back on another import: they already care for both names."""
    lines: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Try) and any(_catches_import(handler) for handler in node.handlers):
            lines.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return lines


def _catches_import(handler: ast.ExceptHandler) -> bool:
    text = ast.unparse(handler.type) if handler.type else ""
    return any(name in text for name in ("ImportError", "ModuleNotFoundError", "AttributeError")) or not text


@lru_cache(maxsize=8)
def outermost(tree: ast.Module) -> tuple[ast.Attribute | ast.Name, ...]:
    """Return the attribute chains and names that are read, each chain once and whole."""
    inner: set[int] = set()
    found: list[ast.Attribute | ast.Name] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            inner.add(id(node.value))
        if isinstance(node, ast.Attribute | ast.Name) and id(node) not in inner and isinstance(node.ctx, ast.Load):
            found.append(node)
    return tuple(found)


def references(unit: Unit, api: str) -> list[ast.expr]:
    """Return the expressions that name an API, the longer chains they begin left as they are."""
    skip = guarded(unit.tree)
    found: list[ast.expr] = []
    for node in outermost(unit.tree):
        part: ast.expr = node
        while isinstance(part, ast.Attribute) and unit.origin(part) != api:
            part = part.value
        if unit.origin(part) == api and part.lineno not in skip:
            found.append(part)
    return found


_BARE = frozenset({"typing", "collections.abc"})  # whose names people write bare


class Names:
    """Spells APIs as a file would, and remembers which imports that takes."""

    def __init__(self, unit: Unit) -> None:
        """Start with the imports that the file has."""
        self._unit = unit
        self.imports: list[str] = []

    def spell(self, api: str) -> str | None:
        """Return the text that names `api` in this file, None when a name that is needed means something else here."""
        module, _, name = api.rpartition(".")
        if module == "builtins":
            return name if name not in self._unit.bound() else None
        if not module:
            return self._whole(name)
        bound = {origin: local for local, origin in self._unit.origins.items()}
        if api in bound:
            return bound[api]
        parts = api.split(".")
        for cut in range(len(parts) - 1, 0, -1):
            prefix = ".".join(parts[:cut])
            if prefix in bound and (prefix == module or self._loads(module)):
                return ".".join([bound[prefix], *parts[cut:]])
        return self._by_import(module, name)

    def _whole(self, module: str) -> str | None:
        """Return the text that names a top-level module."""
        for local, origin in self._unit.origins.items():
            if origin == module:
                return local
        if module in self._unit.bound():
            return None
        self.imports.append(f"import {module}")
        return module

    def _loads(self, module: str) -> bool:
        """Return whether importing the library's top makes a module of it an attribute: not in the standard library."""
        return module.partition(".")[0] not in STANDARD or module == "os.path"

    def _by_import(self, module: str, name: str) -> str | None:
        taken = self._unit.bound()
        from_style = module in _BARE or any(
            isinstance(node, ast.ImportFrom) and node.module == module and not node.level
            for node in top_imports(self._unit.tree)
        )
        top = module.partition(".")[0]
        if from_style or (top in taken and self._unit.origins.get(top, top) != top):
            if name in taken:
                return None
            self.imports.append(f"from {module} import {name}")
            return name
        if top in taken and top not in self._unit.origins:
            return None
        self.imports.append(f"import {module}")
        return f"{module}.{name}"


def with_imports(unit: Unit, statements: list[str]) -> None:
    """Add the import statements that a rewriting needs."""
    there = {ast.unparse(node) for node in top_imports(unit.tree)}
    for statement in dict.fromkeys(statements):
        if statement in there:
            continue
        unit.become(add(unit.text, unit.tree, statement, unit.own, STANDARD))


def unread(unit: Unit) -> dict[str, tuple[ast.Import | ast.ImportFrom, ast.alias]]:
    """Return the top-level absolute imports by local name that nothing in the file reads, nor lists as a text."""
    read = {n.id for n in ast.walk(unit.tree) if isinstance(n, ast.Name)}
    read |= {c.value for c in ast.walk(unit.tree) if isinstance(c, ast.Constant) and isinstance(c.value, str)}
    found: dict[str, tuple[ast.Import | ast.ImportFrom, ast.alias]] = {}
    for node in unit.tree.body:
        if isinstance(node, ast.Import) or (isinstance(node, ast.ImportFrom) and not node.level):
            found |= {alias.asname or alias.name.partition(".")[0]: (node, alias) for alias in node.names}
    return {name: place for name, place in found.items() if name not in read}


def drop_unread(unit: Unit, before: Collection[str]) -> None:
    """Take out the imports that a rewriting left without readers; those unread `before` are somebody else's."""
    for _ in range(50):
        found = next((place for name, place in unread(unit).items() if name not in before), None)
        if found is None:
            return
        node, alias = found
        if len(node.names) > 1:
            unit.become(replace(unit.text, [without_name(unit.text, node, alias)]))
        elif not drop_line(unit, node):
            return


def drop_line(unit: Unit, node: ast.stmt) -> bool:
    """Delete the lines of a statement that has them to itself."""
    lines = split_lines(unit.text)[node.lineno - 1 : node.end_lineno or node.lineno]
    behind = "".join(lines).strip().removeprefix(source(unit.text, node)).strip()
    if behind and not behind.startswith("#"):
        return False
    unit.become(replace(unit.text, [(Span(node.lineno, 0, (node.end_lineno or node.lineno) + 1, 0), "")]))
    return True
