"""Say `return None` at the end of a function that may return None and forgets to say so."""

from __future__ import annotations

from collections.abc import Iterable

from bot.codebase import Codebase
from bot.codebase.changes import split_lines
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._mypy import findings, function_on
from bot.strategies._text import edit, indent_of, newline_of, source


@strategy(causes=("type",), trust="glance", prior=0.8)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for each function whose annotation already admits None."""
    for finding in findings(diagnosis, codebase, "return"):
        tree, text = codebase.tree(finding.path), codebase.text(finding.path)
        function = function_on(tree, finding.line) if tree and "Missing return" in finding.message else None
        if function is None or function.returns is None:
            continue
        annotation = source(text, function.returns)
        if "None" not in annotation and "Optional[" not in annotation:
            continue
        lines, last = split_lines(text), function.body[-1]
        at = last.end_lineno or last.lineno
        if not lines[at - 1].endswith("\n"):
            lines[at - 1] += newline_of(text)
        lines.insert(at, f"{indent_of(lines[function.body[0].lineno - 1])}return None{newline_of(text)}")
        yield Proposal(
            strategy="missing_return",
            title=f"Say that {function.name} may return None",
            edits=edit(finding.path, text, "".join(lines)),
            confidence=0.9,
            why=f"`{function.name}` is annotated `{annotation}` and reaches its end without a return.",
        )
