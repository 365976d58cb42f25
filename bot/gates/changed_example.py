"""Refuses examples (`>>>`) in docstrings and prose that are gone or expect something else; docs causes may."""

from __future__ import annotations

import ast
import doctest
from collections.abc import Iterable, Iterator

from bot.gates._scopes import scopes
from bot.proof.change import Change, FileChange, Refusal
from bot.registry import gate

_HOLDS = (".py", ".md", ".rst", ".txt")


@gate(kind="tests")
def check(change: Change) -> Iterable[Refusal]:
    """Yield one refusal for each example that no longer shows what it showed."""
    for file in change.files:
        if file.path.endswith(_HOLDS) and not change.is_documentation and file.before and ">>>" in file.before:
            yield from _judge(file)


def _judge(file: FileChange) -> Iterator[Refusal]:
    old, new = _examples(file, file.before or "", file.old), _examples(file, file.after or "", file.new)
    left = [each for each in new if each[:2] not in {one[:2] for one in old}]
    for source, want, line in old:
        if not want.strip() or (source, want) in {each[:2] for each in new}:
            continue
        # Another spelling with the same result is the same example, corrected.
        other = next((each for each in left if each[1] == want), None)
        if other is not None:
            left.remove(other)
            continue
        changed = next((each for each in left if each[0] == source), None)
        seen = f"expected {want.strip()!r}" + (f", now {changed[1].strip()!r}" if changed else ", and is gone")
        yield Refusal(file.path, changed[2] if changed else line, f"the example `{source.strip()[:80]}` {seen}")


def _examples(file: FileChange, text: str, tree: ast.Module | None) -> list[tuple[str, str, int]]:
    """Return source, expected result and line of the examples: of a module's docstrings, or of a text."""
    if not file.is_python:
        return _parsed(text, 1)
    docstrings = ((scope.node, ast.get_docstring(scope.node)) for scope in scopes(tree))
    return [each for node, found in docstrings for each in _parsed(found or "", node.body[0].lineno if found else 1)]


def _parsed(text: str, start: int) -> list[tuple[str, str, int]]:
    try:
        found = doctest.DocTestParser().get_examples(text)
    except ValueError:
        return []
    return [(each.source, each.want, each.lineno + start) for each in found]
