"""Assert what a test returns: pytest never looks at it, and newer versions refuse it."""

from __future__ import annotations

import ast
from collections.abc import Iterable

import re2

from bot.codebase import Codebase
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._sites import sites
from bot.strategies._text import Span, edit, replace

_RETURNED = re2.compile(r"(?:Test functions should return None|Expected None, but)")


def _is_truth(node: ast.expr | None) -> bool:
    """Return whether an expression is a claim by its form: a comparison, or several joined."""
    if isinstance(node, ast.BoolOp):
        return all(_is_truth(value) for value in node.values)
    if isinstance(node, ast.UnaryOp):
        return isinstance(node.op, ast.Not)
    called = node.func if isinstance(node, ast.Call) else None
    return isinstance(node, ast.Compare) or (isinstance(called, ast.Name) and called.id in {"all", "any", "isinstance"})


def _asserted(text: str, tree: ast.Module) -> str:
    spots: list[tuple[Span | ast.AST, str]] = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef) or not node.name.startswith("test"):
            continue
        last = node.body[-1]
        if isinstance(last, ast.Return) and _is_truth(last.value):
            end = last.col_offset + len("return")
            spots.append((Span(last.lineno, last.col_offset, last.lineno, end), "assert"))
    return replace(text, spots)


@strategy(causes=("test-failure", "error", "warning"), trust="glance", touches="tests", prior=0.85)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for the test files whose tests return a claim as their last step."""
    found = [site for site in sites(diagnosis, codebase) if _RETURNED.search(site.message)]
    tests = {test.partition("::")[0] for test in diagnosis.failing_tests} if found else set()
    for path in sorted({place[0] for site in found for place in site.places} | tests):
        tree, text = codebase.tree(path), codebase.text(path)
        edits = edit(path, text, _asserted(text, tree)) if tree is not None and codebase.is_test(path) else ()
        if edits:
            yield Proposal(
                strategy="returned_check",
                title=f"Assert what tests return in {path}",
                edits=edits,
                confidence=0.9,
                why="pytest does not look at what a test returns: the claim was never checked.",
            )
