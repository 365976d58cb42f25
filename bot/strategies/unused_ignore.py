"""Take out a `type: ignore` that no longer ignores anything, and a cast that casts to what is there already."""

from __future__ import annotations

import ast
from collections.abc import Iterable

import re2

from bot.codebase import Codebase
from bot.codebase.changes import split_lines
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._mypy import findings
from bot.strategies._statements import dotted
from bot.strategies._text import edit, replace, source

_IGNORE = re2.compile(r"[ \t]*#\s*(?:type:|pyright:)\s*ignore(?:\[[^\]]*\])?[ \t]*(#.*)?$")


def _without_ignore(text: str, line: int) -> str:
    lines = split_lines(text)
    body = lines[line - 1].rstrip("\r\n")
    end = lines[line - 1][len(body) :]
    found = _IGNORE.search(body)
    if found:
        rest = found.group(1) or ""
        lines[line - 1] = body[: found.start()] + (f"  {rest}" if rest else "") + end
    return "".join(lines)


def _without_cast(text: str, tree: ast.Module, line: int) -> str:
    for node in ast.walk(tree):
        casts = isinstance(node, ast.Call) and dotted(node.func).rpartition(".")[2] == "cast" and len(node.args) == 2
        if casts and isinstance(node, ast.Call) and node.lineno == line:
            return replace(text, [(node, source(text, node.args[1]))])
    return text


@strategy(causes=("type",), trust="auto", prior=0.95)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for all the needless comments and casts."""
    texts: dict[str, str] = {}
    for finding in findings(diagnosis, codebase):
        tree, before = codebase.tree(finding.path), codebase.text(finding.path)
        text = texts.get(finding.path, before)
        if "unused" in finding.message.lower() and "ignore" in finding.message and finding.line:
            texts[finding.path] = _without_ignore(text, finding.line)
        elif finding.code == "redundant-cast" and tree is not None and text == before:
            texts[finding.path] = _without_cast(text, tree, finding.line)
    edits = [e for path, text in texts.items() for e in edit(path, codebase.text(path), text)]
    if edits:
        yield Proposal(
            strategy="unused_ignore",
            title=f"Remove what the type checker no longer needs in {edits[0].path}",
            edits=tuple(edits),
            confidence=0.96,
            why="the type checker says that nothing is ignored or cast here; the code becomes stricter without it.",
        )
