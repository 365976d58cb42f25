"""Compare with a literal by value: `is "x"` holds by accident only."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

import re2

from bot.codebase import Codebase
from bot.model import Diagnosis, FileEdit, Proposal
from bot.registry import strategy
from bot.strategies._sites import sites
from bot.strategies._text import Span, edit, offsets, replace

_SAID = re2.compile(r'"is(?: not)?" with (?:a|\'\w+\') literal')
_OPERATOR = re2.compile(r"\bis\s+not\b|\bis\b")


def _changes(tree: ast.Module, text: str) -> Iterator[tuple[Span | ast.AST, str]]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Compare) or len(node.ops) != 1 or not isinstance(node.ops[0], ast.Is | ast.IsNot):
            continue
        sides = [node.left, node.comparators[0]]
        literal = [s for s in sides if isinstance(s, ast.Constant) and type(s.value) in (str, int, float, bytes)]
        if not literal and not any(isinstance(s, ast.Tuple | ast.List | ast.Dict) for s in sides):
            continue
        left, right = node.left, node.comparators[0]
        gap = Span(left.end_lineno or 0, left.end_col_offset or 0, right.lineno, right.col_offset)
        start, end = offsets(text, gap)
        yield gap, str(_OPERATOR.sub("!=" if isinstance(node.ops[0], ast.IsNot) else "==", text[start:end]))


@strategy(causes=("test-failure", "error", "lint", "syntax-error", "import-error"), trust="auto", prior=0.9)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for all such comparisons, when an error complains about one."""
    if not any(_SAID.search(site.message) or site.code == "F632" for site in sites(diagnosis, codebase)):
        return
    edits: list[FileEdit] = []
    for path in codebase.python_files:
        tree, text = codebase.tree(path), codebase.text(path)
        if tree is not None and " is " in text:
            edits += edit(path, text, replace(text, list(_changes(tree, text))))
    if edits:
        yield Proposal(
            strategy="literal_identity",
            title=f"Compare with literals by value in {edits[0].path}",
            edits=tuple(edits),
            confidence=0.94,
            why="whether two equal literals are the same object is up to the interpreter.",
        )
