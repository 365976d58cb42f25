"""Find and rewrite the import statements of a project that name a module or a name in it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import re2

from bot.codebase import Codebase
from bot.codebase.changes import split_lines
from bot.codebase.symbols import Import
from bot.strategies._imports import add
from bot.strategies._library import STANDARD
from bot.strategies._text import Span, indent_of, newline_of, replace, source, span_of

_HEAD = re2.compile(r"^(from[ \t\\\n]+)([.\w \t]*\w|\.+)([ \t\\\n]+import\b)")
Change = tuple[Span | ast.AST, str]


def absolute(path: str, node: ast.ImportFrom, codebase: Codebase) -> str:
    """Return the absolute name of the module that a from-import names."""
    return codebase.absolute(path, Import(node.module or "", (), "", node.lineno, node.level))


def from_module(module: str, codebase: Codebase) -> Iterator[tuple[str, ast.ImportFrom]]:
    """Yield (file, statement) wherever something is imported from `module`."""
    for path in codebase.python_files:
        tree = codebase.tree(path) if module.rpartition(".")[2] in codebase.text(path) else None
        for node in ast.walk(tree) if tree else ():
            if isinstance(node, ast.ImportFrom) and absolute(path, node, codebase) == module:
                yield path, node


def from_imports(module: str, name: str, codebase: Codebase) -> Iterator[tuple[str, ast.ImportFrom, ast.alias]]:
    """Yield (file, statement, alias) wherever `name` is imported from `module`."""
    for path, node in from_module(module, codebase):
        yield from ((path, node, alias) for alias in node.names if alias.name == name)


def relative_to(path: str, module: str, node: ast.ImportFrom, codebase: Codebase) -> str:
    """Return `module` as the statement would write it: with its leading dots where it has some and they suffice."""
    if not node.level:
        return module
    base = codebase.absolute(path, Import("", (), "", node.lineno, node.level))
    inside = module.startswith(f"{base}.") if base else True
    return "." * node.level + module.removeprefix(f"{base}.") if inside else module


def module_span(text: str, node: ast.ImportFrom) -> Span | None:
    """Return where a from-import names its module, or None when that is not on the statement's first line."""
    found = _HEAD.search(source(text, node))
    if found is None or "\n" in found.group(1) + found.group(2):
        return None
    start = node.col_offset + len(found.group(1))
    return Span(node.lineno, start, node.lineno, start + len(found.group(2).encode()))


def without_name(text: str, node: ast.Import | ast.ImportFrom, gone: ast.alias) -> Change:
    """Return the change that takes one of several names out of a from-import, with its comma and its line."""
    at = node.names.index(gone)
    here = span_of(gone)
    if at + 1 < len(node.names):
        after = span_of(node.names[at + 1])
        return Span(here.line, here.column, after.line, after.column), ""
    before = span_of(node.names[at - 1])
    return Span(before.end_line, before.end_column, here.end_line, here.end_column), ""


def moved(path: str, node: ast.ImportFrom, alias: ast.alias, to: tuple[str, str], codebase: Codebase) -> str | None:
    """Return the text of `path` with one imported name taken from another module, `to` = (module, name)."""
    text = codebase.text(path)
    module = relative_to(path, to[0], node, codebase)
    bound = alias.asname or alias.name
    new_name = to[1] if bound == to[1] else f"{to[1]} as {bound}"
    if len(node.names) == 1:
        at = module_span(text, node)
        renamed = [(alias, new_name)] if new_name != source(text, alias) else []
        return replace(text, [(at, module), *renamed]) if at else None
    shorter = replace(text, [without_name(text, node, alias)])
    statement = f"from {module} import {new_name}"
    if node.col_offset == 0:
        own = frozenset(name.partition(".")[0] for name in codebase.modules)
        return add(shorter, ast.parse(shorter), statement, own, STANDARD)
    lines = split_lines(shorter)
    line = indent_of(lines[node.lineno - 1]) + statement + newline_of(text)
    return "".join([*lines[: node.lineno - 1], line, *lines[node.lineno - 1 :]])


def plain_imports(module: str, codebase: Codebase) -> Iterator[tuple[str, ast.Import, ast.alias]]:
    """Yield (file, statement, alias) wherever `import module` (or a module inside it) stands."""
    for path in codebase.python_files:
        tree = codebase.tree(path) if module.partition(".")[0] in codebase.text(path) else None
        for node in ast.walk(tree) if tree else ():
            if isinstance(node, ast.Import):
                yield from ((path, node, a) for a in node.names if a.name == module or a.name.startswith(f"{module}."))


def dotted(node: ast.AST) -> str:
    """Return an attribute chain as text (`a.b.c`), '' when it does not start at a name."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        left = dotted(node.value)
        return f"{left}.{node.attr}" if left else ""
    return ""
