"""Names that a function binds, and the changes that give one of them another name within it."""

from __future__ import annotations

import ast

from bot.codebase import Codebase
from bot.strategies._text import Span, source

Change = tuple[Span | ast.AST, str]
_SCOPES = (
    ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp,
)  # fmt: skip


def scope_of(tree: ast.Module, line: int, name: str) -> ast.AST | None:
    """Return the innermost function, else comprehension, around a line that binds a name there."""
    around = [n for n in ast.walk(tree) if isinstance(n, _SCOPES) and n.lineno <= line <= (n.end_lineno or n.lineno)]
    whole = [n for n in around if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)] or around
    binding = [n for n in whole if name in bound_in(n)]
    return binding[-1] if binding else None


def bound_in(node: ast.AST) -> set[str]:
    """Return the names that are bound in a node: assigned, or parameters."""
    names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    return names | {n.arg for n in ast.walk(node) if isinstance(n, ast.arg)}


def hidden(node: ast.AST, name: str) -> bool:
    """Return whether a name is bound in a way that is no name in the tree, or belongs to an outer scope."""
    for each in ast.walk(node):
        kept = getattr(each, "names", None) if isinstance(each, ast.Global | ast.Nonlocal) else ()
        own = (getattr(each, "name", None), getattr(each, "asname", None), getattr(each, "rest", None))
        if name in (kept or ()) or name in own:
            return True
    return False


def is_keyword(codebase: Codebase, name: str) -> bool:
    """Return whether some call of the project hands over an argument by this name."""
    trees = (codebase.tree(path) for path in codebase.python_files)
    return any(isinstance(n, ast.keyword) and n.arg == name for tree in trees if tree for n in ast.walk(tree))


def renamed(text: str, node: ast.AST, name: str, new: str) -> list[Change]:
    """Return the changes that rename within a node, none where the tree does not say where the name stands."""
    spots: list[ast.AST] = [n for n in ast.walk(node) if isinstance(n, ast.Name) and n.id == name]
    if any(source(text, spot) != name for spot in spots):
        return []
    made: list[Change] = [(spot, new) for spot in spots]
    for each in (n for n in ast.walk(node) if isinstance(n, ast.arg) and n.arg == name):
        end = each.col_offset + len(name)
        made.append((Span(each.lineno, each.col_offset, each.lineno, end), new))
    return made
