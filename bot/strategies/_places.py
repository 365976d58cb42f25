"""Where to look: the functions and lines that a diagnosis holds at fault, the most suspicious first."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache

from bot.codebase import Codebase
from bot.model import Diagnosis
from bot.strategies._sites import sites

MOST = 12  # functions looked at: a diagnosis that suspects more suspects nothing in particular
Function = ast.FunctionDef | ast.AsyncFunctionDef


def lines_at_fault(diagnosis: Diagnosis, codebase: Codebase) -> tuple[tuple[str, int], ...]:
    """Return (file, line) of the diagnosis, of its errors' frames and of its suspects, tests left out."""
    places = [(diagnosis.file, diagnosis.line)]
    places += [place for site in sites(diagnosis, codebase) for place in site.places]
    places += [(s.file, s.line) for s in sorted(diagnosis.suspects, key=lambda s: -s.score)]
    return tuple(
        dict.fromkeys(
            (path, line) for path, line in places if path in codebase.files and line and not codebase.is_test(path)
        )
    )


@lru_cache(maxsize=16)
def _functions(tree: ast.Module) -> tuple[Function, ...]:
    return tuple(node for node in ast.walk(tree) if isinstance(node, Function))


def enclosing(tree: ast.Module, line: int) -> Function | None:
    """Return the innermost function that holds a line."""
    around = [node for node in _functions(tree) if node.lineno <= line <= (node.end_lineno or node.lineno)]
    return max(around, key=lambda node: node.lineno, default=None)


@lru_cache(maxsize=16)
def _classes(tree: ast.Module) -> tuple[ast.ClassDef, ...]:
    return tuple(node for node in ast.walk(tree) if isinstance(node, ast.ClassDef))


def classes_around(tree: ast.Module, line: int) -> tuple[ast.ClassDef, ...]:
    """Return the classes that hold a line, the outermost first."""
    return tuple(node for node in _classes(tree) if node.lineno <= line <= (node.end_lineno or 0))


def functions_at_fault(diagnosis: Diagnosis, codebase: Codebase) -> Iterator[tuple[str, Function]]:
    """Yield (file, function) for the lines at fault, each function once, at most twelve."""
    seen: set[tuple[str, int]] = set()
    for path, line in lines_at_fault(diagnosis, codebase):
        tree = codebase.tree(path)
        function = enclosing(tree, line) if tree else None
        if function is None or (path, function.lineno) in seen:
            continue
        seen.add((path, function.lineno))
        yield path, function
        if len(seen) >= MOST:
            return
