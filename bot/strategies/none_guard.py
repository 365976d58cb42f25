"""Say what happens when a value is None, where a type checker found that it may be.

The guard raises at once, with the name of what is missing: the code failed there anyway, later and less clearly.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

import re2

from bot.codebase import Codebase
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._bodies import before
from bot.strategies._mypy import TypeFinding, findings, statement_on
from bot.strategies._statements import dotted
from bot.strategies._text import edit

_CODES = ("union-attr", "index", "operator", "arg-type", "reportOptionalMemberAccess", "reportOptionalSubscript")
_SIMPLE = (ast.Expr, ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Return, ast.For, ast.If, ast.With)
_NONE = re2.compile(r'"None"|\| None"|Optional\[')
_ATTRIBUTE = re2.compile(r'Item "None" of "[^"]+" has no attribute "(\w+)"|"(\w+)" is not a known attribute of "None"')


def _culprit(finding: TypeFinding, statement: ast.stmt) -> str:
    """Return the one dotted name in a statement that the finding is about, '' when that is not certain."""
    found = _ATTRIBUTE.search(finding.message)
    attribute = next((group for group in found.groups() if group), "") if found else ""
    reads = [node for node in ast.walk(statement) if isinstance(node, ast.Attribute | ast.Subscript)]
    if attribute:
        reads = [node for node in reads if isinstance(node, ast.Attribute) and node.attr == attribute]
    else:
        reads = [node for node in reads if isinstance(node, ast.Subscript)]
    names = {dotted(node.value) for node in reads}
    return names.pop() if len(names) == 1 else ""


@strategy(causes=("type",), trust="review", prior=0.6)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one guard for each finding that names one value which may be None."""
    for finding in findings(diagnosis, codebase, *_CODES):
        tree, text = codebase.tree(finding.path), codebase.text(finding.path)
        statement = statement_on(tree, finding.line) if tree and _NONE.search(finding.message) else None
        name = _culprit(finding, statement) if isinstance(statement, _SIMPLE) else ""
        if not name or statement is None:
            continue
        guard = [f"if {name} is None:", f'    raise ValueError("{name.rpartition(".")[2]} is missing")']
        yield Proposal(
            strategy="none_guard",
            title=f"Say when {name} is missing",
            edits=edit(finding.path, text, before(text, statement, guard)),
            confidence=0.65,
            why=f"`{name}` may be None there, and the line fails then; the guard says so at once.",
        )
