"""Other formulas with a number that pass the same tests: `x * 3` beside a patch that brings in `x ** 2`.

Small numbers agree under many formulas (3 * 3 is 3 ** 2, 2 * 2 is 2 + 2). The patches found are those of the numbers at
hand; the formula that was meant may hold another number, and then stands beside them as a hypothesis of its own.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.search.binding import ATOM, TERM, binding
from bot.search.fold import changed, difference
from bot.search.operators._symbols import ARITHMETIC
from bot.search.values import Candidate, Evaluate, Problem
from bot.search.view import View

MOST = 4  # patches that are looked at, the likeliest
DEARER = 0.7  # what it costs to hold a number that nothing names,
RARE = 1.5  # and to be another formula than a product, a sum or a difference
_USUAL = {"+": 0.0, "-": 0.0, "*": 0.0, "/": 0.5, "//": 0.5, "%": RARE, "**": RARE}
_NUMBERS = range(2, 13)
_SIGNS = {kind: sign for kind, sign in ARITHMETIC.items() if sign in _USUAL}


def rival_formulas(problem: Problem, found: Sequence[Candidate], evaluate: Evaluate) -> list[Candidate]:
    """Return the formulas that pass all tests as the likeliest patches do, and are not among the patches."""
    known = {_text(problem, one) for one in found}
    likely = sorted(found, key=lambda one: one.cost)[:MOST]
    texts = {_text(problem, one): one for patch in likely for one in forms(problem, patch)}
    every = [one for text, one in texts.items() if text not in known]
    screened = zip(every, evaluate.screen(every), strict=True) if every else ()
    passed = [one for one, verdict in screened if verdict.status == "passed"]
    confirmed = zip(passed, evaluate.confirm(passed), strict=True) if passed else ()
    return [one for one, verdict in confirmed if verdict.status == "passed"]


def _text(problem: Problem, candidate: Candidate) -> str:
    """Return what a candidate makes of the first file that it changes, blanks left out."""
    file = candidate.files[0]
    return candidate.apply(file, problem.text(file)).replace(" ", "")


def forms(problem: Problem, candidate: Candidate) -> Iterator[Candidate]:
    """Yield the candidate with each other sign and small number for a formula with a number that it brings in."""
    if len(candidate.files) != 1 or not candidate.files[0].endswith(".py"):
        return
    file = candidate.files[0]
    before = problem.text(file)
    after = candidate.apply(file, before)
    for view, node in _brought(file, before, after):
        for sign, dearer in _USUAL.items():
            left = view.code(node.left)
            left = left if binding(node.left) >= (ATOM if sign == "**" else TERM) else f"({left})"
            cost = candidate.cost + DEARER + dearer - _USUAL[_SIGNS[type(node.op)]]
            for number in _NUMBERS:
                start, end, text = view.replacement(node, f"{left} {sign} {number}")
                edit = difference(file, before, after[:start] + text + after[end:])
                yield replace(candidate, edits=(edit,), cost=cost)


def _brought(file: str, before: str, after: str) -> Iterator[tuple[View, ast.BinOp]]:
    """Yield the formulas with a number on the right whose sign and number lie where the texts differ."""
    found = changed(file, before, after)
    if found is None:
        return
    view, head, tail = found
    for node in ast.walk(view.tree):
        match node:
            case ast.BinOp(op=op, right=ast.Constant(value=int() | float() as number)) if type(op) in _SIGNS:
                inside = head <= view.end(node.left) + 1 and view.end(node.right) <= tail + 1
                if inside and number not in (0, 1) and view.start(node.right) <= tail:
                    yield view, node
