"""Numbers that a patch brings in and that the tests do not pin down: a near one would do as well."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.search.fold import changed, difference
from bot.search.values import Behaviour, Candidate, Evaluate, Problem

LOOSE = 2.5  # what it costs to bring in a number where a near one passes too, and does something else
MOST = 12  # patches that are looked at, the likeliest
_NATURAL = (0, 1)  # what people start from


def neighbours(problem: Problem, candidate: Candidate) -> tuple[Candidate, ...]:
    """Return the candidate with each number that it brings in one less and one more; 0 and 1 need no evidence."""
    if len(candidate.files) != 1 or not candidate.files[0].endswith(".py"):
        return ()
    file = candidate.files[0]
    before = problem.text(file)
    after = candidate.apply(file, before)
    found = [
        replace(candidate, edits=(difference(file, before, after[:start] + text + after[end:]),))
        for start, end, value in _numbers(file, before, after)
        for text in (repr(value - 1), repr(value + 1))
    ]
    return tuple(found)


def _numbers(file: str, before: str, after: str) -> Iterator[tuple[int, int, int]]:
    """Yield the whole numbers that stand where the texts differ, as start, end and value in the new text."""
    found = changed(file, before, after)
    if found is None:
        return
    view, head, tail = found
    for node in ast.walk(view.tree):
        negative = isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub)
        number = node.operand if isinstance(node, ast.UnaryOp) and negative else node
        up = view.parent(node)
        if not isinstance(number, ast.Constant) or type(number.value) is not int or isinstance(up, ast.UnaryOp):
            continue
        value = -number.value if negative else number.value
        if view.start(node) <= tail and view.end(node) >= head and value not in _NATURAL:
            yield view.start(node), view.end(node), value


def rivals(problem: Problem, found: Sequence[Candidate], evaluate: Evaluate) -> dict[int, tuple[Candidate, ...]]:
    """Return, by the place of a patch among the likeliest, its neighbours that pass all tests too."""
    near = {
        at: neighbours(problem, found[at]) for at in sorted(range(len(found)), key=lambda at: found[at].cost)[:MOST]
    }
    every = [one for group in near.values() for one in group]
    screened = zip(every, evaluate.screen(every), strict=True) if every else ()
    passed = [one for one, verdict in screened if verdict.status == "passed"]
    confirmed = zip(passed, evaluate.confirm(passed), strict=True) if passed else ()
    sound = {one.edits for one, verdict in confirmed if verdict.status == "passed"}
    kept = {at: tuple(one for one in group if one.edits in sound) for at, group in near.items()}
    return {at: group for at, group in kept.items() if group}


def loose(at: int, others: Sequence[int], behaviour: Behaviour) -> bool:
    """Return whether one of the other patches, by their places, answers otherwise than the patch at a place."""
    if max((at, *others)) >= len(behaviour.after):
        return False
    return any(behaviour.after[other] != behaviour.after[at] for other in others)
