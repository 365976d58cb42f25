"""Add, change and remove imports where the file's own order wants them."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass

from bot.codebase.changes import split_lines
from bot.strategies._text import Span, newline_of, replace

ImportNode = ast.Import | ast.ImportFrom


def top_imports(tree: ast.Module) -> tuple[ImportNode, ...]:
    """Return the import statements at the top level of a module, not those under conditions."""
    return tuple(node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom))


def _after_head(tree: ast.Module) -> int:
    """Return the line after the docstring and the `__future__` imports; 0 when there is neither."""
    line = 0
    for number, node in enumerate(tree.body):
        docstring = number == 0 and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        future = isinstance(node, ast.ImportFrom) and node.module == "__future__"
        if not (docstring or future):
            break
        line = node.end_lineno or node.lineno
    return line


def _comment_head(lines: list[str]) -> int:
    count = 0
    while count < len(lines) and lines[count].startswith("#"):
        count += 1
    return count


def _key(statement: str) -> tuple[bool, str]:
    words = statement.split()
    return words[0] == "from", words[1].lower()


def _module_of(node: ImportNode) -> str:
    if isinstance(node, ast.ImportFrom):
        return "." * node.level + (node.module or "")
    return node.names[0].name


def _by_type(name: str) -> tuple[int, str]:
    """Return the order of isort's `order-by-type`: constants, classes, everything else."""
    return (0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2), name


def _by_letter(name: str) -> tuple[int, str]:
    return 0, name.lower()


def _sorted(node: ast.ImportFrom, key: Callable[[str], tuple[int, str]]) -> bool:
    names = [key(alias.name) for alias in node.names]
    return names == sorted(names)


def _extend(text: str, tree: ast.Module, module: str, name: str) -> str | None:
    """Return `text` with `name` added to an existing `from module import ...`, or None when there is none."""
    for node in top_imports(tree):
        if not isinstance(node, ast.ImportFrom) or _module_of(node) != module or node.names[0].name == "*":
            continue
        order = next((key for key in (_by_type, _by_letter) if _sorted(node, key)), None)
        later = [alias for alias in node.names if order and order(alias.name) > order(name.partition(" ")[0])]
        multi = (node.end_lineno or node.lineno) > node.lineno
        if later:
            before = later[0]
            gap = ",\n" + " " * before.col_offset if multi else ", "
            at = Span(before.lineno, before.col_offset, before.lineno, before.col_offset)
            return replace(text, [(at, name + gap)])
        last = node.names[-1]
        line, column = last.end_lineno or last.lineno, last.end_col_offset or 0
        gap = ",\n" + " " * last.col_offset if multi and last.lineno != node.lineno else ", "
        return replace(text, [(Span(line, column, line, column), gap + name)])
    return None


@dataclass(frozen=True)
class _Groups:
    own: frozenset[str]
    standard: frozenset[str]

    def rank(self, module: str) -> int:
        """Return the group of a module: standard library, installed, the project's own, relative."""
        top = module.partition(".")[0]
        return 3 if not top else 2 if top in self.own else 0 if top in self.standard else 1

    def _ranked(self, tree: ast.Module) -> tuple[tuple[int, ImportNode], ...]:
        nodes = (node for node in top_imports(tree) if _module_of(node) != "__future__")
        return tuple((self.rank(_module_of(node)), node) for node in nodes)

    def place(self, tree: ast.Module, statement: str, rank: int) -> int:
        """Return the line after which `statement` belongs among the top imports of its own rank, else -1."""
        best = -1
        for other, node in self._ranked(tree):
            if other != rank:
                continue
            before = _key(ast.unparse(node)) <= _key(statement)
            if not before and best == -1:
                return node.lineno - 1
            if before or best == -1:
                best = node.end_lineno or node.lineno
        return best

    def after_lower(self, tree: ast.Module, rank: int) -> int:
        """Return the line after the last import of a lower rank, -1 when there is none."""
        return max((n.end_lineno or n.lineno for other, n in self._ranked(tree) if other < rank), default=-1)


def _first(tree: ast.Module, lines: list[str], new: list[str], end: str) -> tuple[int, list[str]]:
    """Return where the first import of a file goes, and it with the blank lines it needs around it."""
    at = _after_head(tree)
    if at:
        new = [end, *new]
    else:
        at = _comment_head(lines)
    if any(line.strip() for line in lines[at:]):
        new = [*new, *[end] * _blank_lines(tree, lines, at)]
    return at, new


def add(text: str, tree: ast.Module, statement: str, own: frozenset[str], standard: frozenset[str]) -> str:
    """Return `text` with the one-name import `statement` where the file's groups and order want it.

    `own` are the project's top-level modules and `standard` those of the standard library; they tell the groups.
    """
    head, _, imported = statement.partition(" import ")
    module = head.removeprefix("from ").removeprefix("import ")
    if statement.startswith("from "):
        extended = _extend(text, tree, module, imported)
        if extended is not None:
            return extended
    lines, end = split_lines(text), newline_of(text)
    groups = _Groups(own, standard)
    rank = groups.rank(module.partition(" as ")[0])
    at, new = groups.place(tree, statement, rank), [statement + end]
    if at < 0:
        at = groups.after_lower(tree, rank)
        if at >= 0:
            new.insert(0, end)
        else:
            at, new = _first(tree, lines, new, end)
    if at == len(lines) and lines and not lines[-1].endswith("\n"):
        lines[-1] += end
    return "".join(lines[:at] + new + lines[at:])


def _blank_lines(tree: ast.Module, lines: list[str], at: int) -> int:
    """Return how many blank lines to leave after a first import placed after line `at`."""
    there = 0
    while at + there < len(lines) and not lines[at + there].strip():
        there += 1
    following = next((node for node in tree.body if node.lineno > at), None)
    if isinstance(following, ast.Import | ast.ImportFrom):
        return max(0, 1 - there)
    definition = isinstance(following, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    return max(0, (2 if definition else 1) - there)
