"""One place in the code that an operator may change, and the changes it may make there."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bot.search.binding import ATOM, binding_of
from bot.search.hints import NOTHING, Hints
from bot.search.scope import Scope
from bot.search.view import View

Span = tuple[int, int, str]
ODD_ONE = 0.3


@dataclass(frozen=True)
class Change:
    """Replacements `(start, end, text)` in one file; `weight` is relative to the operator's other changes there."""

    spans: tuple[Span, ...]
    weight: float = 1.0


@dataclass(frozen=True)
class Site:
    """A node of a function under repair."""

    view: View
    scope: Scope
    node: Any  # of one of the types that the operator declares
    hints: Hints = NOTHING

    def code(self, node: ast.AST) -> str:
        """Return a node's source on one line, so that it can stand elsewhere."""
        return self.view.brief(node)

    def tight(self, node: ast.AST) -> str:
        """Return a node's source so that anything may be done with it: in parentheses unless it is an atom."""
        return self.bound(node, ATOM)

    def bound(self, node: ast.AST, least: int) -> str:
        """Return a node's source, in parentheses unless it binds at least so tightly."""
        code = self.code(node)
        return code if binding_of(code) >= least else f"({code})"

    def replace(self, node: ast.AST, text: str, weight: float = 1.0) -> Change:
        """Return the change of a node's source to `text`, with parentheses where the place asks for them."""
        return Change((self.view.replacement(node, text),), weight)

    def span(self, start: int, end: int, text: str, weight: float = 1.0) -> Change:
        """Return the change of a stretch of characters."""
        return Change(((start, end, text),), weight)

    def before(self, statement: ast.stmt, lines: tuple[str, ...], weight: float = 1.0) -> Change | None:
        """Return the change that puts lines before a statement, None when something else stands on its line."""
        indent = self.view.indent(statement)
        if indent is None:
            return None
        start = self.view.starts[statement.lineno - 1]
        return Change(((start, start, "".join(f"{indent}{line}\n" for line in lines)),), weight)

    def after(self, statement: ast.stmt, lines: tuple[str, ...], weight: float = 1.0) -> Change | None:
        """Return the change that puts lines after a statement, None when something else stands on its line."""
        indent = self.view.indent(statement)
        if indent is None:
            return None
        last = statement.end_lineno or statement.lineno
        end = self.view.end(statement)
        if self.view.text[end : self.view.starts[last]].strip().startswith(";"):
            return None
        at = min(self.view.starts[last], len(self.view.text))
        lead = "" if self.view.text[at - 1 : at] == "\n" else "\n"
        return Change(((at, at, lead + "".join(f"{indent}{line}\n" for line in lines)),), weight)

    def around(self, lines: tuple[str, ...], weight: float = 1.0) -> Iterator[Change]:
        """Yield the change that puts lines before the statement, and after it too where it ends its block."""
        node, view = self.node, self.view
        block = getattr(view.parent(node), view.place(node), [])
        if not isinstance(block, list):
            return
        last = bool(block) and block[-1] is node and not isinstance(node, ast.Return)
        for change in (self.before(node, lines, weight), self.after(node, lines, weight) if last else None):
            if change is not None:
                yield change

    @property
    def alike(self) -> float:
        """Return how likely the node alone is changed: less where it stands beside another of the same form."""
        up, place = self.view.parents.get(self.node, (None, ""))
        beside = getattr(up, place, None) if place in ("args", "elts", "values") else None
        form = _form(self.node)
        return ODD_ONE if any(_form(one) == form for one in beside or () if one is not self.node) else 1.0

    @property
    def names(self) -> tuple[str, ...]:
        """Return the variables that may be read here."""
        return self.scope.visible(self.node)

    def usable(self, donor: ast.AST) -> bool:
        """Return whether all variables that an expression of the function reads can be read here too."""
        local = {*self.scope.locals, *self.scope.inner}
        names = set(self.names)
        return all(part.id in names or part.id not in local for part in ast.walk(donor) if isinstance(part, ast.Name))


def _form(node: ast.AST) -> str:
    """Return a call's function, which tells calls of one form from others; for what is no call, nothing in common."""
    return ast.unparse(node.func) if isinstance(node, ast.Call) else f"{id(node)}"
