"""Close files that were opened for one read or write and left open."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from bot.codebase import Codebase
from bot.codebase.changes import split_lines
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._places import lines_at_fault
from bot.strategies._sites import sites
from bot.strategies._text import edit, indent_of, newline_of, replace, source, span_of

_NAMES = ("file", "stream", "handle", "opened_file")
_SIMPLE = (ast.Assign, ast.Expr, ast.Return, ast.AugAssign, ast.AnnAssign)


def _opens(statement: ast.stmt) -> Iterator[ast.Call]:
    """Yield the calls of open in a simple statement whose file is used there and can't be closed afterwards."""
    parents = {id(child): node for node in ast.walk(statement) for child in ast.iter_child_nodes(node)}
    for node in ast.walk(statement):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.func.id != "open":
            continue
        parent = parents.get(id(node))
        used = isinstance(parent, ast.Attribute) or (isinstance(parent, ast.Call) and node in parent.args)
        if used and not any(isinstance(n, ast.Lambda | ast.GeneratorExp) for n in ast.walk(statement)):
            yield node


def _closed(text: str, statement: ast.stmt, call: ast.Call) -> str:
    """Return the text with the statement inside a `with` that closes the file."""
    lines, end = split_lines(text), newline_of(text)
    taken = {node.id for node in ast.walk(statement) if isinstance(node, ast.Name)}
    name = next(one for one in _NAMES if one not in taken)
    inner = replace(text, [(call, name)])
    removed = (call.end_lineno or call.lineno) - call.lineno
    first, last = statement.lineno - 1, (statement.end_lineno or statement.lineno) - removed
    body = split_lines(inner)[first:last]
    indent = indent_of(lines[first])
    opening = f"{indent}with {' '.join(source(text, call).split())} as {name}:{end}"
    shifted = [f"    {line}" if line.strip() else line for line in body]
    return "".join([*lines[:first], opening, *shifted, *lines[span_of(statement).end_line :]])


def _statements(tree: ast.Module, lines: set[int]) -> Iterator[ast.stmt]:
    for node in ast.walk(tree):
        if isinstance(node, _SIMPLE) and any(node.lineno <= line <= (node.end_lineno or 0) for line in lines):
            yield node


@strategy(causes=("test-failure", "error", "resource-leak", "lint"), trust="glance", prior=0.75)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for each file with such a statement on the lines at fault."""
    found = sites(diagnosis, codebase)
    if not any("unclosed file" in s.message or s.exception == "ResourceWarning" or s.code == "SIM115" for s in found):
        return
    lines: dict[str, set[int]] = {}
    for path, line in lines_at_fault(diagnosis, codebase):
        lines.setdefault(path, set()).add(line)
    for path, wanted in lines.items():
        tree, text = codebase.tree(path), codebase.text(path)
        candidates = [(s, call) for s in _statements(tree, wanted) for call in _opens(s)] if tree else []
        for statement, call in candidates[:1]:
            yield Proposal(
                strategy="unclosed_file",
                title=f"Close the file that {path} opens on line {statement.lineno}",
                edits=edit(path, text, _closed(text, statement, call)),
                confidence=0.9,
                why="the file stays open until the garbage collector finds it; a `with` closes it at once.",
            )
