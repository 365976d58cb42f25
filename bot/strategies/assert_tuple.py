"""Take the parentheses off `assert (claim, "message")`, which asserts a tuple and so always holds."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from bot.codebase import Codebase
from bot.model import Diagnosis, FileEdit, Proposal
from bot.registry import strategy
from bot.strategies._sites import sites
from bot.strategies._text import Span, edit, replace, source


def _freed(text: str, tree: ast.Module) -> str:
    spots: list[tuple[Span | ast.AST, str]] = []
    for node in ast.walk(tree):
        test = node.test if isinstance(node, ast.Assert) else None
        if not isinstance(test, ast.Tuple) or len(test.elts) != 2 or "\n" in source(text, test):
            continue
        message = test.elts[1]
        if isinstance(message, ast.JoinedStr) or (isinstance(message, ast.Constant) and isinstance(message.value, str)):
            spots.append((test, f"{source(text, test.elts[0])}, {source(text, message)}"))
    return replace(text, spots)


@strategy(causes=("syntax-error", "test-failure", "import-error", "error", "lint"), trust="glance", prior=0.9)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for the files with such assertions, when Python or a linter warns of one."""
    found = sites(diagnosis, codebase)
    if not any("assertion is always true" in site.message or site.code in {"F631", "W0199"} for site in found):
        return
    edits: list[FileEdit] = []
    for path in codebase.python_files:
        tree, text = codebase.tree(path), codebase.text(path)
        if tree is not None and "assert" in text:
            edits += edit(path, text, _freed(text, tree))
    if edits:
        yield Proposal(
            strategy="assert_tuple",
            title="Assert the claim, not a tuple of it and its message",
            edits=tuple(edits),
            confidence=0.92,
            why="a tuple of two is always true; the claim in it was never checked.",
        )
