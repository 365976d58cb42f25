"""Rename one definition of the project, with everything that reads it, where that is safe to do by its name."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import re2

from bot.codebase import Codebase
from bot.codebase.changes import split_lines
from bot.model import FileEdit
from bot.strategies._scope import scopes
from bot.strategies._text import Span, attribute_span, edit, replace

Change = tuple[Span | ast.AST, str]


def name_span(text: str, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> Span | None:
    """Return where a definition has its name."""
    line = split_lines(text)[node.lineno - 1]
    found = re2.compile(rf"\b(?:def|class)\s+({node.name})\b").search(line)
    if found is None:
        return None
    start, end = (len(line[: found.start(1)].encode()), len(line[: found.end(1)].encode()))
    return Span(node.lineno, start, node.lineno, end)


def _changes(old: str, new: str, tree: ast.Module, text: str) -> Iterator[Change]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id == old:
            yield node, new
        elif isinstance(node, ast.Attribute) and node.attr == old:
            yield attribute_span(node), new
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and node.name == old:
            if span := name_span(text, node):
                yield span, new
        elif isinstance(node, ast.alias) and node.name == old:
            yield node, f"{new} as {node.asname}" if node.asname else new


def rename(old: str, new: str, codebase: Codebase) -> tuple[FileEdit, ...]:
    """Return the edits that call `old` `new` in all code but the tests; none when that could hit something else.

    It is safe when one place of the project defines `old`, none defines `new`, and no test says `old`.
    """
    homes = {(symbol.file, symbol.qualname) for symbol in codebase.find(old) if not codebase.is_test(symbol.file)}
    taken = any(not codebase.is_test(symbol.file) for symbol in codebase.find(new))
    word = re2.compile(rf"\b{re2.escape(old)}\b")
    users = [path for path in codebase.python_files if word.search(codebase.text(path))]
    if len(homes) > 1 or taken or any(codebase.is_test(path) for path in users):
        return ()
    return _written(old, new, users, codebase)


def rename_everywhere(old: str, new: str, codebase: Codebase) -> tuple[FileEdit, ...]:
    """Return the edits that call `old` `new` in all code and tests; none when that could hit something else.

    It is safe when one place of the project defines `old`, none says `new`, and no text or comment says `old`.
    """
    homes = {(symbol.file, symbol.qualname) for symbol in codebase.find(old)}
    word, other = re2.compile(rf"\b{re2.escape(old)}\b"), re2.compile(rf"\b{re2.escape(new)}\b")
    users = [path for path in codebase.files if word.search(codebase.text(path))]
    taken = any(other.search(codebase.text(path)) for path in codebase.files)
    code = [path for path in users if path in codebase.python_files]
    if len(homes) != 1 or taken or code != users:
        return ()
    edits = _written(old, new, users, codebase)
    return edits if not any(word.search(one.text or "") for one in edits) else ()


def _written(old: str, new: str, users: list[str], codebase: Codebase) -> tuple[FileEdit, ...]:
    edits: list[FileEdit] = []
    for path in users:
        tree, text = codebase.tree(path), codebase.text(path)
        if tree is None or any(new in scope.bound for scope in scopes(tree)[0].walk()):
            return ()
        edits += edit(path, text, replace(text, list(_changes(old, new, tree, text))))
    return tuple(edits)
