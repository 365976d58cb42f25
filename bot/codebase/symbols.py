"""What one Python file defines and imports, read from its syntax tree and never by running it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

SymbolKind = Literal["function", "class", "method", "variable"]
Function = (ast.FunctionDef, ast.AsyncFunctionDef)
_TRIES = (ast.Try, ast.TryStar)


@dataclass(frozen=True)
class Symbol:
    """A name that a file defines; lines count from 1, `start` is the first decorator's line, `qualname` is dotted."""

    name: str
    qualname: str
    kind: SymbolKind
    file: str
    line: int
    end_line: int
    start: int = 0


@dataclass(frozen=True)
class Import:
    """One import statement: `names` are those taken from `module`, `bound` what they are called in the file.

    `level` counts leading dots, `guarded` tells that it stands in a `try` or under `TYPE_CHECKING`, `nested` that it
    stands in a function or class.
    """

    module: str
    names: tuple[str, ...]
    alias: str
    line: int
    level: int
    bound: tuple[str, ...] = ()
    guarded: bool = False
    nested: bool = False


def symbols_of(tree: ast.Module, file: str) -> tuple[Symbol, ...]:
    """Return the symbols of a file in the order of their lines, those in functions and classes included."""
    found = list(_symbols(tree, file, "", in_class=False))
    return tuple(sorted(found, key=lambda symbol: (symbol.line, symbol.qualname)))


def _symbols(node: ast.AST, file: str, prefix: str, *, in_class: bool) -> Iterator[Symbol]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (*Function, ast.ClassDef)):
            is_class = isinstance(child, ast.ClassDef)
            kind: SymbolKind = "class" if is_class else "method" if in_class else "function"
            yield _definition(child, file, prefix, kind)
            yield from _symbols(child, file, f"{prefix}{child.name}.", in_class=is_class)
        elif isinstance(child, (ast.Assign, ast.AnnAssign)) and (in_class or not prefix):
            yield from _variables(child, file, prefix)
        elif not isinstance(child, ast.expr):
            yield from _symbols(child, file, prefix, in_class=in_class)


def _definition(
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, file: str, prefix: str, kind: SymbolKind
) -> Symbol:
    start = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
    return Symbol(node.name, prefix + node.name, kind, file, node.lineno, node.end_lineno or node.lineno, start)


def _variables(node: ast.Assign | ast.AnnAssign, file: str, prefix: str) -> Iterator[Symbol]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    for target in targets:
        for part in ast.walk(target):
            if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
                end = node.end_lineno or node.lineno
                yield Symbol(part.id, prefix + part.id, "variable", file, node.lineno, end, node.lineno)


def imports_of(tree: ast.Module) -> tuple[Import, ...]:
    """Return every import of a file in the order of its lines."""
    found = list(_imports(tree, guarded=False, nested=False))
    return tuple(sorted(found, key=lambda one: (one.line, one.module)))


def _imports(node: ast.AST, *, guarded: bool, nested: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            for name in child.names:
                bound = name.asname or name.name.partition(".")[0]
                yield Import(name.name, (), name.asname or "", child.lineno, 0, (bound,), guarded, nested)
        elif isinstance(child, ast.ImportFrom):
            names = tuple(name.name for name in child.names)
            bound_names = tuple(name.asname or name.name for name in child.names)
            yield Import(child.module or "", names, "", child.lineno, child.level, bound_names, guarded, nested)
        elif isinstance(child, ast.stmt | ast.excepthandler | ast.match_case):
            inside = isinstance(child, (*Function, ast.ClassDef))
            yield from _imports(child, guarded=guarded or _guards(child), nested=nested or inside)


def _guards(node: ast.AST) -> bool:
    if isinstance(node, _TRIES):
        return bool(node.handlers)
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
