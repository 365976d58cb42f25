"""What makes a patch look odd, whatever it answers: work dropped, and the same thing twice where two are asked for.

The first is one of the anti-patterns of Tan et al., "Anti-patterns in search-based program repair", 2016; the second is
what linters call a comparison of something with itself.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator

from bot.search.values import Candidate, Problem
from bot.search.view import FUNCTIONS

LOST = 2.0  # what it costs to remove a call of the project's own code
TWICE = 3.0  # what it costs to bring in `max(a, a)`, `a - a`, `a == a`, `a if c else a`
_PAIRED = ("max", "min", "zip", "divmod", "isinstance", "pow", "hypot", "gcd")


def oddity(problem: Problem, candidate: Candidate) -> float:
    """Return what it costs a patch to drop calls of the file's own functions, and to hold the same thing twice."""
    cost = 0.0
    for file in candidate.files:
        if file.endswith(".py"):
            text = problem.text(file)
            before, after = ast.parse(text), ast.parse(candidate.apply(file, text))
            cost += LOST * sum((_own_calls(before) - _own_calls(after)).values())
            cost += TWICE * sum((Counter(_doubled(after)) - Counter(_doubled(before))).values())
    return cost


def _own_calls(tree: ast.AST) -> Counter[str]:
    own = {node.name for node in ast.walk(tree) if isinstance(node, FUNCTIONS)}
    called = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
    names = (getattr(func, "id", getattr(func, "attr", "")) for func in called)
    return Counter(name for name in names if name in own)


def _doubled(tree: ast.AST) -> Iterator[str]:
    """Yield the source of expressions whose two parts are the same."""
    for node in ast.walk(tree):
        if isinstance(node, ast.expr) and _same(_parts(node)):
            yield ast.unparse(node)


def _parts(node: ast.expr) -> list[ast.expr]:
    match node:
        case ast.BinOp(left=left, op=ast.Sub() | ast.Div() | ast.FloorDiv() | ast.Mod(), right=right):
            return [left, right]
        case ast.Compare(left=left, comparators=[right]):
            return [left, right]
        case ast.BoolOp(values=values):
            return values
        case ast.IfExp(body=body, orelse=orelse):
            return [body, orelse]
        case ast.Call(func=ast.Name(id=name), args=args) if name in _PAIRED:
            return args
    return []


def _same(parts: list[ast.expr]) -> bool:
    shown = [ast.dump(part) for part in parts]
    return len(shown) > 1 and len(set(shown)) < len(shown)
