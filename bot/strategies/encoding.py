"""Open text files as UTF-8 where the machine's own encoding was left to decide."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from bot.codebase import Codebase
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._apis import Unit
from bot.strategies._sites import sites
from bot.strategies._text import Span, edit, replace

_ERRORS = ("UnicodeDecodeError", "UnicodeEncodeError", "EncodingWarning")
# where the encoding stands among the positional arguments (docs.python.org, pathlib)
_METHODS = {"read_text": 0, "write_text": 1}


def _is_open(call: ast.Call, unit: Unit) -> bool:
    name = call.func.id if isinstance(call.func, ast.Name) else ""
    return (name == "open" and "open" not in unit.bound()) or unit.origin(call.func) in {"io.open"}


def _mode(call: ast.Call) -> str | None:
    """Return the mode of a call of open, None when it is not a literal."""
    given = call.args[1] if len(call.args) > 1 else next((k.value for k in call.keywords if k.arg == "mode"), None)
    if given is None:
        return "r"
    return given.value if isinstance(given, ast.Constant) and isinstance(given.value, str) else None


def _lacks_encoding(call: ast.Call, unit: Unit) -> bool:
    if any(keyword.arg in {"encoding", None} for keyword in call.keywords):
        return False
    if isinstance(call.func, ast.Attribute) and call.func.attr in _METHODS:
        return len(call.args) <= _METHODS[call.func.attr]
    path_open = isinstance(call.func, ast.Attribute) and call.func.attr == "open" and not unit.origin(call.func)
    if path_open and not call.args and not any(k.arg == "mode" for k in call.keywords):
        return False  # `.open()` of something else: only a path with a text mode is certain
    if path_open:
        first = call.args[0] if call.args else None
        return (
            isinstance(first, ast.Constant) and first.value in {"r", "w", "a", "rt", "wt", "x"} and len(call.args) == 1
        )
    mode = _mode(call) if _is_open(call, unit) else None
    return mode is not None and "b" not in mode and len(call.args) < 4


def _with_encoding(unit: Unit) -> Iterator[tuple[Span | ast.AST, str]]:
    for node in ast.walk(unit.tree):
        if not isinstance(node, ast.Call) or not _lacks_encoding(node, unit):
            continue
        last: list[ast.expr | ast.keyword] = sorted(
            [*node.args, *node.keywords], key=lambda n: (n.end_lineno or 0, n.end_col_offset or 0)
        )
        if last:
            line, column = last[-1].end_lineno or 0, last[-1].end_col_offset or 0
            yield Span(line, column, line, column), ', encoding="utf-8"'
        else:
            line, column = node.end_lineno or 0, (node.end_col_offset or 0) - 1
            yield Span(line, column, line, column), 'encoding="utf-8"'


@strategy(causes=("test-failure", "error", "encoding", "lint"), trust="glance", prior=0.8)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for each file of the project that an encoding error passed through."""
    seen: set[str] = set()
    for site in sites(diagnosis, codebase):
        if site.exception not in _ERRORS and site.code not in {"PLW1514", "W1514"}:
            continue
        for path, _ in site.places:
            if path in seen or codebase.tree(path) is None:
                continue
            seen.add(path)
            unit = Unit(codebase.text(path))
            edits = edit(path, unit.text, replace(unit.text, list(_with_encoding(unit))))
            if edits:
                yield Proposal(
                    strategy="encoding",
                    title=f"Open text files as UTF-8 in {path}",
                    edits=edits,
                    confidence=0.85,
                    why="without an encoding, the machine's locale decides how bytes become text (PEP 597).",
                )
