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
UNASKED = 2.0  # what it costs no longer to read something that a function is given, and to read nothing new
TWICE = 3.0  # what it costs to bring in `max(a, a)`, `a - a`, `a == a`, `a if c else a`
_PAIRED = ("max", "min", "zip", "divmod", "isinstance", "pow", "hypot", "gcd")


def oddity(problem: Problem, candidate: Candidate) -> float:
    """Return what it costs a patch to drop calls of own functions or what is given, and to hold a thing twice."""
    cost = 0.0
    for file in candidate.files:
        if file.endswith(".py"):
            text = problem.text(file)
            before, after = ast.parse(text), ast.parse(candidate.apply(file, text))
            cost += LOST * sum((_own_calls(before) - _own_calls(after)).values())
            cost += UNASKED * sum(_unasked(before, after))
            cost += TWICE * sum((Counter(_doubled(after)) - Counter(_doubled(before))).values())
    return cost


def _unasked(before: ast.Module, after: ast.Module) -> Iterator[int]:
    """Yield, for each function that reads nothing new, how many of the things given it does not read any more."""
    then, now = _read(before), _read(after)
    for name, (given, every) in then.items():
        if name in now and now[name][1] <= every:
            yield len(given - now[name][0])


def _read(tree: ast.Module) -> dict[str, tuple[set[str], set[str]]]:
    """Return what each function reads of its parameters and their attributes, and all names and attributes it reads.

    Of functions with the same name the last counts.
    """
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, FUNCTIONS):
            names = {one.arg for one in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)}
            read = [part for part in ast.walk(node) if isinstance(getattr(part, "ctx", None), ast.Load)]
            plain = {part.id for part in read if isinstance(part, ast.Name)}
            taken = [part for part in read if isinstance(part, ast.Attribute)]
            held = {ast.unparse(part) for part in taken if getattr(part.value, "id", "") in names}
            found[node.name] = (plain & names | held, plain | {ast.unparse(part) for part in taken})
    return found


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
