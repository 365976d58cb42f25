"""Describe a parameter under the name it has: the docstring still uses an older one."""

from __future__ import annotations

import ast
from collections.abc import Iterable

import re2

from bot.codebase import Codebase
from bot.codebase.changes import split_lines
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._calls import functions
from bot.strategies._text import edit


def _docstring_lines(codebase: Codebase, path: str, function: str) -> tuple[int, int] | None:
    """Return the first and last line of a docstring, that of a class for its constructor."""
    tree = codebase.tree(path)
    owners: list[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef] = [
        node for name, node, _ in functions(path, codebase) if name == function
    ]
    owners += [n for n in (ast.walk(tree) if tree else ()) if isinstance(n, ast.ClassDef) and n.name == function]
    for owner in owners:
        first = owner.body[0]
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
            return first.lineno, first.end_lineno or first.lineno
    return None


def _renamed(text: str, lines: tuple[int, int], old: str, new: str) -> str:
    """Return the text with a parameter renamed where the docstring describes it, and where it is quoted as code."""
    parts = split_lines(text)
    described = re2.compile(
        rf"^(\s*(?::(?:param|type|arg|argument|keyword|key)\s+(?:[\w\[\], .|]+\s+)?)?\*{{0,2}}){old}(\s*(?:\(|:|,|$))"
    )
    quoted = re2.compile(rf"(`{{1,2}}|\*){old}(`{{1,2}}|\*)")
    for at in range(lines[0] - 1, lines[1]):
        body = parts[at].rstrip("\r\n")
        changed = str(quoted.sub(rf"\1{new}\2", str(described.sub(rf"\1{new}\2", body))))
        parts[at] = changed + parts[at][len(body) :]
    return "".join(parts)


@strategy(causes=("docstring-parameter",), trust="auto", kind="docs", prior=0.9)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield the correction when the diagnosis knows which parameter is meant."""
    details = diagnosis.details
    old, new, path = details.get("documented", ""), details.get("actual", ""), diagnosis.file
    function = details.get("function") or diagnosis.function
    lines = _docstring_lines(codebase, path, function) if old and new and path in codebase.files else None
    if lines is None:
        return
    text = codebase.text(path)
    edits = edit(path, text, _renamed(text, lines, re2.escape(old), new))
    if edits:
        yield Proposal(
            strategy="docstring_parameter",
            title=f"Describe {new} instead of {old} in {function}",
            edits=edits,
            confidence=0.92,
            why=f"`{function}` takes no `{old}`; `{new}` is the parameter that nothing describes.",
        )
