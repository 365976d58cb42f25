"""The values of the injector: a source file with its spans, a change of its text, and a fault ready to be written."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from bot.model import AnomalyType

Function = ast.FunctionDef | ast.AsyncFunctionDef
Span = tuple[int, int]


@dataclass(frozen=True)
class Change:
    """Replaced spans of one text, (start, end, new) in characters; the first is the fault itself, others follow it."""

    edits: tuple[tuple[int, int, str], ...]
    said: str

    def applied(self, text: str) -> str:
        """Return the text with all spans replaced."""
        for start, end, new in sorted(self.edits, reverse=True):
            text = text[:start] + new + text[end:]
        return text

    def place(self) -> Span:
        """Return where the first edit's new text stands in the new text, in characters."""
        start, _, new = self.edits[0]
        moved = sum(len(text) - (end - begin) for begin, end, text in self.edits[1:] if begin < start)
        return start + moved, start + moved + len(new)


@dataclass(frozen=True)
class Fault:
    """One fault: `edits` are the new texts of the files it changes.

    `type` is the type of anomaly it should be found as. `file`, `function` (qualified, '' at module level) and
    `lines` of the new file say where it is: the lines of the faulty statement, for a removed one those beside the gap.
    """

    kind: str
    type: AnomalyType
    file: str
    function: str
    lines: tuple[int, ...]
    edits: Mapping[str, str]
    said: str
    also: tuple[str, ...] = field(default=())

    @property
    def line(self) -> int:
        """Return the first line of the fault."""
        return self.lines[0]


@dataclass(frozen=True)
class Source:
    """A Python file with its syntax tree; nodes become spans of characters."""

    path: str
    text: str
    tree: ast.Module
    files: Mapping[str, str] = field(repr=False, default_factory=dict)

    @cached_property
    def _starts(self) -> tuple[int, ...]:
        found, at = [0], 0
        for line in self.text.split("\n"):
            at += len(line) + 1
            found.append(at)
        return tuple(found)

    @cached_property
    def _lines(self) -> tuple[str, ...]:
        return tuple(self.text.split("\n"))

    def offset(self, line: int, column: int) -> int:
        """Return the offset in characters of a line (from 1) and a column in UTF-8 bytes, as syntax trees have them."""
        return self._starts[line - 1] + len(self._lines[line - 1].encode()[:column].decode())

    def span(self, node: ast.AST) -> Span:
        """Return where a node stands."""
        first = self.offset(node.lineno, node.col_offset)  # type: ignore[attr-defined]
        return first, self.offset(node.end_lineno, node.end_col_offset)  # type: ignore[attr-defined]

    def segment(self, node: ast.AST) -> str:
        """Return a node's text."""
        start, end = self.span(node)
        return self.text[start:end]

    def rows(self, first: int, last: int) -> Span:
        """Return the span of whole lines, the last line's end included."""
        return self._starts[first - 1], min(self._starts[last], len(self.text))

    def row(self, line: int) -> str:
        """Return a line without its end."""
        return self._lines[line - 1]

    def alone(self, node: ast.stmt) -> bool:
        """Return whether a statement has its lines for itself."""
        start, end = self.span(node)
        first, last = self.rows(node.lineno, node.end_lineno or node.lineno)
        rest = self.text[end:last].partition("#")[0]
        return not self.text[first:start].strip() and not rest.strip()

    def replaced(self, node: ast.AST, new: str, said: str) -> Change:
        """Return the change that puts other text in a node's place."""
        return Change(((*self.span(node), new),), said)

    def removed(self, node: ast.stmt, said: str) -> Change:
        """Return the change that takes a statement's lines away."""
        return Change(((*self.rows(node.lineno, node.end_lineno or node.lineno), ""),), said)


def functions(tree: ast.AST, prefix: str = "") -> Iterator[tuple[str, Function, ast.ClassDef | None]]:
    """Yield (qualified name, function, its class) of all functions of a module."""
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, Function):
            yield f"{prefix}{child.name}", child, tree if isinstance(tree, ast.ClassDef) else None
            yield from functions(child, f"{prefix}{child.name}.")
        elif isinstance(child, ast.ClassDef):
            yield from functions(child, f"{prefix}{child.name}.")
        elif isinstance(child, ast.If | ast.Try):
            yield from functions(child, prefix)


def own(function: Function) -> Iterator[ast.AST]:
    """Yield the nodes of a function's body in the order of the text, without functions and classes defined in it."""
    waiting: list[ast.AST] = list(reversed(function.body))
    while waiting:
        node = waiting.pop()
        if isinstance(node, Function | ast.ClassDef | ast.Lambda):
            continue
        yield node
        waiting += reversed(list(ast.iter_child_nodes(node)))


def blocks(function: Function) -> Iterator[list[ast.stmt]]:
    """Yield every list of statements in a function, its own docstring left out."""
    yield function.body[1:] if ast.get_docstring(function) is not None else function.body
    for node in own(function):
        for name in ("body", "orelse", "finalbody"):
            inner = getattr(node, name, None)
            if isinstance(inner, list) and inner and isinstance(inner[0], ast.stmt):
                yield inner


def right_lines(text: str, place: Span) -> tuple[int, ...]:
    """Return the lines of the statements (the heads of compound ones) at a place; beside it where nothing is left."""
    start, end = place
    first = text.count("\n", 0, start) + 1
    if end > start:
        return _head(text, range(first, text.count("\n", 0, end - 1) + 2))
    rows = text.split("\n")
    before = next((n for n in range(first - 1, 0, -1) if rows[n - 1].strip()), first)
    after = next((n for n in range(first, len(rows) + 1) if rows[n - 1].strip()), first)
    return tuple(sorted({*_head(text, [before]), *_head(text, [after])}))


def _head(text: str, lines: Iterable[int]) -> tuple[int, ...]:
    found: set[int] = set()
    statements = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.stmt | ast.ExceptHandler)]
    for line in lines:
        around = [node for node in statements if node.lineno <= line <= (node.end_lineno or node.lineno)]
        inner = max(around, key=lambda node: (node.lineno, -(node.end_lineno or 0)), default=None)
        if inner is None:
            found.add(line)
            continue
        body = getattr(inner, "body", None)
        last = max(inner.lineno, body[0].lineno - 1) if isinstance(body, list) and body else inner.end_lineno
        found.update(range(inner.lineno, (last or inner.lineno) + 1))
    return tuple(sorted(found))
