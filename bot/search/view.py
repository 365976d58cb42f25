"""A source file with its syntax tree: where nodes lie in the text, what encloses them, and the functions it holds."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from functools import cached_property

from bot.search.binding import OR, binding_of, needed

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
GROUPING = (ast.BinOp, ast.BoolOp, ast.UnaryOp, ast.Compare)
Function = ast.FunctionDef | ast.AsyncFunctionDef


class View:
    """One parsed file; raises SyntaxError when the text does not parse."""

    def __init__(self, path: str, text: str) -> None:
        self.path, self.text = path, text
        self.tree = ast.parse(text)
        self.lines = text.split("\n")
        self.newline = "\r\n" if text.count("\r\n") * 2 > len(self.lines) else "\n"
        self.starts = [0]
        for line in self.lines:
            self.starts.append(self.starts[-1] + len(line) + 1)
        self.parents: dict[ast.AST, tuple[ast.AST, str]] = {}
        for node in ast.walk(self.tree):
            for name, value in ast.iter_fields(node):
                for child in value if isinstance(value, list) else (value,):
                    if isinstance(child, ast.AST):
                        self.parents[child] = (node, name)

    def offset(self, line: int, column: int) -> int:
        """Return the character offset of a place that `ast` gives as a line and a column in bytes."""
        text = self.lines[line - 1]
        if not text.isascii():
            column = len(text.encode("utf-8")[:column].decode("utf-8", "ignore"))
        return self.starts[line - 1] + column

    def start(self, node: ast.AST) -> int:
        """Return the offset of a node's first character."""
        return self.offset(node.lineno, node.col_offset)  # type: ignore[attr-defined]

    def end(self, node: ast.AST) -> int:
        """Return the offset after a node's last character."""
        return self.offset(node.end_lineno, node.end_col_offset)  # type: ignore[attr-defined]

    def code(self, node: ast.AST) -> str:
        """Return a node's source as it stands in the file."""
        return self.text[self.start(node) : self.end(node)]

    def brief(self, node: ast.AST) -> str:
        """Return a node's source on one line, so that it can be put elsewhere."""
        code = self.code(node)
        return ast.unparse(node) if "\n" in code else code

    def parent(self, node: ast.AST) -> ast.AST | None:
        """Return the node that encloses `node`."""
        found = self.parents.get(node)
        return found[0] if found else None

    def place(self, node: ast.AST) -> str:
        """Return the name of the field of its parent in which a node stands."""
        found = self.parents.get(node)
        return found[1] if found else ""

    def above(self, node: ast.AST) -> Iterator[ast.AST]:
        """Yield what encloses a node, from the inside out."""
        up = self.parent(node)
        while up is not None:
            yield up
            up = self.parent(up)

    def statement(self, node: ast.AST) -> ast.stmt | None:
        """Return the innermost statement that holds a node, or is it."""
        if isinstance(node, ast.stmt):
            return node
        return next((up for up in self.above(node) if isinstance(up, ast.stmt)), None)

    def indent(self, statement: ast.stmt) -> str | None:
        """Return the white space before a statement; None when something else stands before it on its line."""
        line = self.starts[statement.lineno - 1]
        before = self.text[line : self.start(statement)]
        return None if before.strip() else before

    def asks(self, node: ast.AST) -> int:
        """Return how tightly an expression must bind in a node's place, parentheses around it not counted."""
        up, name = self.parents.get(node, (None, ""))
        return needed(up, name) if up is not None else 0

    def grouped(self, node: ast.AST) -> bool:
        """Return whether parentheses stand around a node that are not a call's."""
        start, end = self.start(node), self.end(node)
        around = self.text[start - 1 : start] == "(" and self.text[end : end + 1] == ")"
        return around and self.asks(node) >= OR and isinstance(self.parent(node), GROUPING)

    def needs(self, node: ast.AST) -> int:
        """Return how tightly an expression must bind to stand in a node's place without parentheses."""
        start, end = self.start(node), self.end(node)
        around = self.text[start - 1 : start] == "(" and self.text[end : end + 1] == ")"
        return 0 if around else self.asks(node)

    def replacement(self, node: ast.AST, text: str) -> tuple[int, int, str]:
        """Return the start, end and text that put `text` in a node's place, with parentheses where it asks for them."""
        start, end = self.start(node), self.end(node)
        if binding_of(text) < self.needs(node):
            text = f"({text})"
        elif self.grouped(node) and binding_of(text) >= self.asks(node):
            start, end = start - 1, end + 1  # parentheses that only the old expression needed
        return start, end, text

    @cached_property
    def attributes(self) -> dict[str, tuple[str, ...]]:
        """Return the attributes that the file uses, by the source of what they are taken from."""
        found: dict[str, dict[str, None]] = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Attribute):
                found.setdefault(self.brief(node.value), {})[node.attr] = None
        return {receiver: tuple(names) for receiver, names in found.items()}

    @cached_property
    def called(self) -> tuple[str, ...]:
        """Return the plain names that the file calls, the most used first."""
        names = (node.func for node in ast.walk(self.tree) if isinstance(node, ast.Call))
        return tuple(name for name, _ in Counter(func.id for func in names if isinstance(func, ast.Name)).most_common())

    @cached_property
    def functions(self) -> tuple[tuple[str, Function], ...]:
        """Return all functions with their qualified names, in the order of the text."""
        return tuple(_functions(self.tree, ""))


def _functions(node: ast.AST, prefix: str) -> Iterator[tuple[str, Function]]:
    for child in ast.iter_child_nodes(node):
        named = isinstance(child, (*FUNCTIONS, ast.ClassDef))
        name = f"{prefix}{child.name}" if named else ""  # type: ignore[attr-defined]
        if isinstance(child, FUNCTIONS):
            yield name, child
        yield from _functions(child, f"{name}." if named else prefix)
