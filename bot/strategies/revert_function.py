"""Bring back the last good version of a function that changed since: a revert, and called so.

The function's own lines go back where its parameters are the same, with the module's statements that bind what it
reads; else single stretches of the change. The tests of the new commit must still pass with it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from bot.codebase import Codebase
from bot.codebase.changes import Hunk, hunks, split_lines
from bot.codebase.repository import parse
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._bodies import first_line
from bot.strategies._calls import functions
from bot.strategies._loops import Function, bound_in, hot_functions, reads
from bot.strategies._text import edit

_MEASURED = frozenset({"performance", "behavioral"})  # held against what was usual: the old way is what is asked for
MOST = 4  # ways to put stretches of one function's change back


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


def _stretches(path: str, function: Function, codebase: Codebase) -> list[Hunk]:
    """Return what changed in a function, and in the statements of its module that bind what it reads."""
    text, old_text = codebase.text(path), codebase.good.get(path) or ""
    old = parse(old_text)
    name = next((name for name, node, _ in functions(path, codebase) if node is function), "")
    before = _named(old, name) if old else None
    names = reads(function) | (reads(before) if before else set())
    spans = [_lines(text, function), *_binding(codebase.tree(path), names)]
    old_spans = _binding(old, names)
    return [
        hunk
        for hunk in hunks(old_text, text)
        if _meets(hunk.after_line, len(hunk.after), spans) or (hunk.before and _meets(hunk.before_line, 1, old_spans))
    ]


def _binding(tree: ast.Module | None, names: set[str]) -> list[tuple[int, int]]:
    """Return the lines, from 0 to behind the last, of a module's own simple statements that bind one of the names."""
    found: list[tuple[int, int]] = []
    for node in tree.body if tree else ():
        if isinstance(node, ast.Import | ast.ImportFrom):
            bound = {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
        else:
            bound = bound_in(node) if isinstance(node, ast.Assign | ast.AnnAssign) else set()
        if bound & names:
            found.append((node.lineno - 1, node.end_lineno or node.lineno))
    return found


def _meets(line: int, length: int, spans: list[tuple[int, int]]) -> bool:
    first = line - 1 if length else line
    return any(first < end and start < first + max(length, 1) for start, end in spans)


def _same_parameters(text: str, path: str, function: Function, codebase: Codebase) -> bool:
    name = next((name for name, node, _ in functions(path, codebase) if node is function), "")
    tree = parse(text)
    there = _named(tree, name) if tree else None
    return there is not None and ast.dump(there.args) == ast.dump(function.args)


def _put_back(text: str, chosen: list[Hunk]) -> str:
    lines = split_lines(text)
    for hunk in reversed(chosen):
        first = hunk.after_line - 1 if hunk.after else hunk.after_line
        lines[first : first + len(hunk.after)] = hunk.before
    return "".join(lines)


def _reverted(path: str, function: Function, codebase: Codebase) -> Iterator[tuple[str, str]]:
    """Yield (title, text): the function with what it reads, then single stretches of the change."""
    text = codebase.text(path)
    found = _restored(path, function, codebase)
    if found:
        yield f"Revert {found[0]} to its last good version", found[1]
    changed = _stretches(path, function, codebase) if codebase.good.get(path) else []
    if len(changed) > 1 or not found:
        pieces = [changed, *([hunk] for hunk in changed)] if len(changed) > 1 else [changed]
        for chosen in pieces[:MOST] if changed else ():
            new = _put_back(text, chosen)
            if _same_parameters(new, path, function, codebase):
                line = chosen[0].after_line
                what = f"what {function.name} rests on" if len(chosen) > 1 else f"the change at line {line}"
                yield f"Revert {what} to the last good version", new


def _changed(diagnosis: Diagnosis, codebase: Codebase) -> Iterator[tuple[str, Function]]:
    tested = diagnosis.type == "error" and diagnosis.failing_tests  # the search goes by hunks, which is finer
    for path, function in hot_functions(diagnosis, codebase) if codebase.changed and not tested else ():
        if path in codebase.changed:
            yield path, function


@strategy(causes=("performance", "behavioral", "state", "error"), trust="review", prior=0.3)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield the reverts of each function at fault that changed, or rests on what changed, since the good version."""
    seen: set[tuple[str, str]] = set()
    for path, function in _changed(diagnosis, codebase):
        for number, (title, text) in enumerate(_reverted(path, function, codebase)):
            if (path, text) in seen:
                continue
            seen.add((path, text))
            yield Proposal(
                strategy="revert_function",
                title=title,
                edits=edit(path, codebase.text(path), text),
                confidence=0.55 if number else 0.85 if diagnosis.type in _MEASURED else 0.6,
                why=f"`{function.name}`, or what it rests on, changed since the last good version.",
            )
