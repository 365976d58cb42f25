"""Rename nose's `setup` and `teardown` of test classes and modules to the names that pytest 8 still calls."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from bot.codebase import Codebase
from bot.model import Diagnosis, FileEdit, Proposal
from bot.registry import strategy
from bot.strategies._rename import name_span
from bot.strategies._sites import sites
from bot.strategies._tables import applies
from bot.strategies._text import Span, edit, replace

_NEW = {"setup": "setup_method", "teardown": "teardown_method", "setUp": "setup_method", "tearDown": "teardown_method"}


_MODULE = {"setup": "setup_module", "teardown": "teardown_module"}


def _renamed(text: str, tree: ast.Module) -> str:
    changes = _functions(text, tree)
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


def _functions(text: str, tree: ast.Module) -> list[tuple[Span | ast.AST, str]]:
    """Return the changes to functions of a module that nose called around its tests and that nothing else calls."""
    functions = {s.name: s for s in tree.body if isinstance(s, ast.FunctionDef)}
    read = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
    made: list[tuple[Span | ast.AST, str]] = []
    for old, new in _MODULE.items():
        node = functions.get(old)
        free = node and old not in read and new not in functions and not node.decorator_list and not node.args.args
        span = name_span(text, node) if node and free else None
        made += [(span, new)] if span else []
    return made


def _missed(diagnosis: Diagnosis, codebase: Codebase) -> bool:
    """Return whether nose's setup may be what is missed: pytest 8 does not call it, and says nothing."""
    found = sites(diagnosis, codebase)
    if any("nose-specific" in site.message for site in found):
        return True
    named = any("'Test" in site.message or "nose" in site.message for site in found)
    return (named and any(s.exception == "AttributeError" for s in found)) or applies("pytest", "8.0", codebase)


@strategy(causes=("test-failure", "error", "removed-api"), trust="glance", prior=0.8)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal when a failing test's module has nose-style functions that pytest no longer calls."""
    if not _missed(diagnosis, codebase):
        return
    failing = {path for site in sites(diagnosis, codebase) for path, _ in site.places}
    failing |= {failure.file for failure in diagnosis.failures if failure.file}
    failing |= {failure.test_id.partition("::")[0] for failure in diagnosis.failures if failure.test_id}
    edits: list[FileEdit] = []
    for path in codebase.python_files:
        tree, text = codebase.tree(path), codebase.text(path)
        if tree is not None and codebase.is_test(path) and any(f"def {old}(" in text for old in _NEW):
            edits += edit(path, text, _renamed(text, tree))
    if any(one.path in failing for one in edits):
        yield Proposal(
            strategy="nose_setup",
            title="Rename nose-style setup and teardown",
            edits=tuple(edits),
            confidence=0.88,
            why="pytest 8 no longer calls nose's `setup` and `teardown` of a class or module.",
        )
