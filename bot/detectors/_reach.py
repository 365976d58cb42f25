"""Which functions the tests reach: by coverage where it was measured, else by the names that code and tests use.

By names, every function counts as reached whose name a test uses, or that of anything reached uses: rather too many
than too few, so that what remains is surely untested.
"""

from __future__ import annotations

import ast
from collections import deque
from collections.abc import Mapping, Sequence

from bot.codebase import Codebase, Symbol

_CODE = ("function", "method")


class Reach:
    """The functions of a repository that its tests reach."""

    def __init__(self, codebase: Codebase, executed: Mapping[str, Sequence[int]] | None = None) -> None:
        self._codebase = codebase
        self._executed = executed or {}
        self._names: frozenset[str] | None = None

    @property
    def measured(self) -> bool:
        """Return whether it was measured what the tests run."""
        return self._codebase.spectrum is not None or bool(self._executed)

    def has_tests(self) -> bool:
        """Return whether the repository holds any test file."""
        return any(self._codebase.is_test(path) for path in self._codebase.python_files)

    def function(self, handler: str) -> Symbol | None:
        """Return the function or method that a handler's name means, or None when there is none or several."""
        found = [one for one in self._codebase.find(handler.rpartition(".")[2]) if one.kind in _CODE]
        found = [one for one in found if not self._codebase.is_test(one.file)]
        fitting = [one for one in found if _dotted(self._codebase, one).endswith(f".{handler}")] or found
        # Overloads, and the parts of a property, are one function: the last definition is the one that stays.
        return fitting[-1] if len({(one.file, one.qualname) for one in fitting}) == 1 else None

    def covers(self, symbol: Symbol) -> bool:
        """Return whether any test reaches a function."""
        body = self._body(symbol)
        if self._codebase.spectrum is not None:
            return bool(self._codebase.spectrum.tests_of(symbol.file, body))
        if symbol.file in self._executed:
            return any(line in body for line in self._executed[symbol.file])
        # Operators and protocols call such a method without naming it.
        special = symbol.name.startswith("__") and symbol.name.endswith("__")
        return special or self.covers_name(symbol.name)

    def _body(self, symbol: Symbol) -> frozenset[int]:
        """Return the lines that run when a function is called, of all its definitions.

        The line of `def` runs when the module is imported, so it counts only where the function has no other.
        """
        same = (one for one in self._codebase.symbols(symbol.file) if one.qualname == symbol.qualname)
        bodies = ((range(one.line + 1, one.end_line + 1) or [one.line]) for one in same if one.kind in _CODE)
        return frozenset(line for body in bodies for line in body)

    def covers_name(self, name: str) -> bool:
        """Return whether the tests, or anything that they reach by names, use a name."""
        return name in self._by_name()

    def _by_name(self) -> frozenset[str]:
        if self._names is None:
            uses = self._uses()
            reached: set[str] = set()
            waiting = deque(uses.pop("", set()))
            while waiting:
                name = waiting.popleft()
                if name not in reached:
                    reached.add(name)
                    waiting.extend(uses.get(name, ()))
            self._names = frozenset(reached)
        return self._names

    def _uses(self) -> dict[str, set[str]]:
        """Return the names that each function uses, by its name; under the empty name those of the tests."""
        uses: dict[str, set[str]] = {"": set()}
        for _, found in self._codebase.noted("uses", self._codebase.python_files, self._uses_in):
            for name, words in found.items():
                uses.setdefault(name, set()).update(words)
        return uses

    def _uses_in(self, path: str) -> dict[str, list[str]]:
        tree = self._codebase.tree(path)
        if tree is None:
            return {}
        if self._codebase.is_test(path):
            return {"": sorted(_words(tree))}
        found: dict[str, set[str]] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                found.setdefault(node.name, set()).update(_words(node))
        return {name: sorted(words) for name, words in found.items()}


def _words(tree: ast.AST) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.ImportFrom):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) < 200:
            found |= set(node.value.split(".")) if node.value.replace(".", "").isidentifier() else set()
    return found


def _dotted(codebase: Codebase, symbol: Symbol) -> str:
    return f".{codebase.module_name(symbol.file)}.{symbol.qualname}"
