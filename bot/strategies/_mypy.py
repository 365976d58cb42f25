"""Findings of type checkers with the code they point at."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from bot.codebase import Codebase
from bot.model import Diagnosis
from bot.strategies._sites import sites

_CHECKERS = frozenset({"mypy", "pyright", "pyre", "pytype", "basedpyright"})


@dataclass(frozen=True)
class TypeFinding:
    """One finding: its code, its message, and where it points."""

    code: str
    message: str
    path: str
    line: int


def findings(diagnosis: Diagnosis, codebase: Codebase, *codes: str) -> Iterator[TypeFinding]:
    """Yield the findings of type checkers with one of these codes (any when none is named), each once."""
    seen: set[TypeFinding] = set()
    for site in sites(diagnosis, codebase):
        if site.tool.removeprefix("pre-commit/") not in _CHECKERS or (codes and site.code not in codes):
            continue
        for path, line in site.places[:1]:
            found = TypeFinding(site.code, site.message, path, line)
            if found not in seen:
                seen.add(found)
                yield found


def function_on(tree: ast.Module, line: int) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
    """Return the function whose head (decorators, `def`, parameters) is on a line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            start = min([node.lineno, *(d.lineno for d in node.decorator_list)])
            if start <= line < node.body[0].lineno or line == node.lineno:
                return node
    return None


def statement_on(tree: ast.Module, line: int) -> ast.stmt | None:
    """Return the innermost statement that holds a line."""
    around = [n for n in ast.walk(tree) if isinstance(n, ast.stmt) and n.lineno <= line <= (n.end_lineno or n.lineno)]
    return max(around, key=lambda node: (node.lineno, -(node.end_lineno or 0)), default=None)
