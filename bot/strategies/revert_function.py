"""Bring back the last good version of a function that changed since: a revert, and called so.

Only the function's own lines go back, and only where its parameters are the same; the tests of the new commit must
still pass with it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from bot.codebase import Codebase
from bot.codebase.changes import split_lines
from bot.codebase.repository import parse
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._bodies import first_line
from bot.strategies._calls import functions
from bot.strategies._loops import Function, hot_functions
from bot.strategies._text import edit


def _named(tree: ast.Module, qualname: str) -> Function | None:
    parts = qualname.split(".")
    body: list[ast.stmt] = tree.body
    for at, part in enumerate(parts):
        found = next((n for n in body if isinstance(n, Function | ast.ClassDef) and n.name == part), None)
        if found is None:
            return None
        if at == len(parts) - 1:
            return found if isinstance(found, Function) else None
        body = found.body
    return None


def _lines(text: str, node: Function) -> tuple[int, int]:
    return first_line(node) - 1, node.end_lineno or node.lineno


def _restored(path: str, function: Function, codebase: Codebase) -> tuple[str, str] | None:
    """Return (qualified name, text with the old version of the function), None when it did not change."""
    name = next((name for name, node, _ in functions(path, codebase) if node is function), "")
    old_text, text = codebase.good.get(path), codebase.text(path)
    tree = parse(old_text) if old_text is not None and old_text != text else None
    old = _named(tree, name) if tree and name and "<locals>" not in name else None
    if old is None or old_text is None or ast.dump(old.args) != ast.dump(function.args):
        return None
    start, end = _lines(text, function)
    old_start, old_end = _lines(old_text, old)
    lines = split_lines(text)
    restored = "".join([*lines[:start], *split_lines(old_text)[old_start:old_end], *lines[end:]])
    return (name, restored) if restored != text else None


def _changed(diagnosis: Diagnosis, codebase: Codebase) -> Iterator[tuple[str, Function]]:
    tested = diagnosis.type == "error" and diagnosis.failing_tests  # the search goes by hunks, which is finer
    for path, function in hot_functions(diagnosis, codebase) if codebase.changed and not tested else ():
        if path in codebase.changed:
            yield path, function


@strategy(causes=("performance", "behavioral", "state", "error"), trust="review", prior=0.3)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one revert for each function at fault that changed since the last good version."""
    for path, function in _changed(diagnosis, codebase):
        found = _restored(path, function, codebase)
        if found:
            name, text = found
            yield Proposal(
                strategy="revert_function",
                title=f"Revert {name} to its last good version",
                edits=edit(path, codebase.text(path), text),
                confidence=0.6,
                why=f"`{name}` changed since the last good version, and its parameters are still the same.",
            )
