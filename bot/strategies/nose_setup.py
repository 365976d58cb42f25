"""Rename nose's `setup` and `teardown` of test classes to the names that pytest 8 still calls."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from bot.codebase import Codebase
from bot.model import Diagnosis, FileEdit, Proposal
from bot.registry import strategy
from bot.strategies._rename import name_span
from bot.strategies._sites import sites
from bot.strategies._text import Span, edit, replace

_NEW = {"setup": "setup_method", "teardown": "teardown_method", "setUp": "setup_method", "tearDown": "teardown_method"}


def _renamed(text: str, tree: ast.Module) -> str:
    changes: list[tuple[Span | ast.AST, str]] = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.ClassDef) or not node.name.startswith("Test") or node.bases:
            continue
        names = {s.name for s in node.body if isinstance(s, ast.FunctionDef)}
        for statement in node.body:
            new = _NEW.get(statement.name) if isinstance(statement, ast.FunctionDef) else None
            if new is None or new in names or not isinstance(statement, ast.FunctionDef) or statement.decorator_list:
                continue
            span = name_span(text, statement)
            if span and len(statement.args.args) == 1:
                changes.append((span, new))
    return replace(text, changes)


@strategy(causes=("test-failure", "error", "removed-api"), trust="glance", prior=0.8)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal when a plain test class misses what its nose-style setup would have set."""
    errors = [s for s in sites(diagnosis, codebase) if s.exception == "AttributeError" or "nose-specific" in s.message]
    edits: list[FileEdit] = []
    for path in codebase.python_files if errors else ():
        tree, text = codebase.tree(path), codebase.text(path)
        if tree is not None and codebase.is_test(path) and any(f"def {old}(" in text for old in _NEW):
            edits += edit(path, text, _renamed(text, tree))
    missed = any("'Test" in s.message or "type object 'Test" in s.message or "nose" in s.message for s in errors)
    if edits and missed:
        yield Proposal(
            strategy="nose_setup",
            title="Rename nose-style setup and teardown methods",
            edits=tuple(edits),
            confidence=0.88,
            why="pytest 8 no longer calls nose's `setup` and `teardown` of a test class.",
        )
