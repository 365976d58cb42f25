"""Run the checks that a test yields: pytest takes no more generators for tests.

`yield check, 1` becomes `check(1)`. Source: https://docs.pytest.org/en/stable/deprecations.html#yield-tests
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from bot.codebase import Codebase
from bot.model import Diagnosis, FileEdit, Proposal
from bot.registry import strategy
from bot.strategies._sites import sites
from bot.strategies._text import Span, edit, replace, source

_SAID = ("'yield' keyword is allowed in fixtures, but not in tests", "yield tests were removed")
_TEXTS = (ast.Constant, ast.JoinedStr)


def _called(text: str, tree: ast.Module) -> str:
    """Return the text whose tests call the checks that they yielded; a test that yields anything else stays."""
    changes: list[tuple[Span | ast.AST, str]] = []
    for test in (n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n.name.startswith("test")):
        inside = [n for n in ast.walk(test) if isinstance(n, ast.Yield | ast.YieldFrom)]
        made = [(node, _call(text, node)) for node in inside]
        if not test.decorator_list and all(new for _, new in made):
            changes += made
    return replace(text, changes)


def _call(text: str, node: ast.Yield | ast.YieldFrom) -> str:
    """Return the call that a yielded tuple of a check and its arguments stands for, '' for anything else."""
    value = node.value if isinstance(node, ast.Yield) else None
    parts = list(value.elts) if isinstance(value, ast.Tuple) else []
    parts = parts[1:] if parts and isinstance(parts[0], _TEXTS) else parts  # a name in front of the check
    if not parts or not isinstance(parts[0], ast.Name | ast.Attribute | ast.Lambda):
        return ""
    check = source(text, parts[0])
    given = ", ".join(source(text, part) for part in parts[1:])
    return f"({check})({given})" if isinstance(parts[0], ast.Lambda) else f"{check}({given})"


@strategy(causes=("test-failure", "import-error", "error", "removed-api"), trust="glance", touches="tests", prior=0.88)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for all the tests that yield their checks."""
    found = [site for site in sites(diagnosis, codebase) if any(words in site.message for words in _SAID)]
    tests = [path for path in codebase.python_files if codebase.is_test(path)] if found else []
    edits: list[FileEdit] = []
    for path in tests:
        tree, text = codebase.tree(path), codebase.text(path)
        edits += edit(path, text, _called(text, tree)) if tree else ()
    if edits:
        yield Proposal(
            strategy="yield_test",
            title=f"Call the checks that tests yield in {edits[0].path}",
            edits=tuple(edits),
            confidence=0.9,
            why="pytest refuses tests that yield; the same checks run where they are called.",
        )
