"""Take marks off pytest fixtures: they never had an effect, and pytest 9 refuses them."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from bot.codebase import Codebase
from bot.model import Diagnosis, FileEdit, Proposal
from bot.registry import strategy
from bot.strategies._statements import dotted
from bot.strategies._text import Span, edit, replace
from bot.strategies._workflows import told


def _name(node: ast.expr) -> str:
    return dotted(node.func if isinstance(node, ast.Call) else node)


def _without_marks(text: str, tree: ast.Module) -> str:
    gone: list[tuple[Span | ast.AST, str]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            names = [_name(decorator) for decorator in node.decorator_list]
            if any(name in {"pytest.fixture", "fixture", "pytest_asyncio.fixture"} for name in names):
                gone += [
                    (Span(decorator.lineno, 0, (decorator.end_lineno or decorator.lineno) + 1, 0), "")
                    for decorator, name in zip(node.decorator_list, names, strict=True)
                    if name.startswith(("pytest.mark.", "mark."))
                ]
    return replace(text, gone)


@strategy(causes=("test-failure", "error", "import-error", "removed-api"), trust="auto", prior=0.9)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for all marked fixtures when pytest complains about one."""
    if "Marks cannot be applied to fixtures" not in told(diagnosis, codebase):
        return
    edits: list[FileEdit] = []
    for path in codebase.python_files:
        tree, text = codebase.tree(path), codebase.text(path)
        if tree is not None and "fixture" in text and "mark" in text:
            edits += edit(path, text, _without_marks(text, tree))
    if edits:
        yield Proposal(
            strategy="fixture_mark",
            title="Take marks off fixtures",
            edits=tuple(edits),
            confidence=0.94,
            why="marks on fixtures have no effect and became an error (docs.pytest.org, deprecations).",
        )
