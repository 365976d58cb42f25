"""What tests show by example: which input leads to which result, as pairs of literals."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from bot.gates._claims import claims
from bot.gates._scopes import scopes
from bot.proof.change import parsed

Pair = tuple[str, str]
LONGEST, LARGEST, MOST = 20, 200, 12
"""Lines and characters of a literal, and parts of a parameter set, beyond which it is data and no example."""
_TRIVIAL = frozenset({"0", "1", "-1", "''", "None", "True", "False", "b''", "()", "[]", "{}", "0.0", "1.0"})


def literal(node: ast.AST | None) -> str:
    """Return a literal in one spelling, '' for an expression that is none or too large to be an example."""
    if node is None or (isinstance(node, ast.expr) and (node.end_lineno or 0) - node.lineno > LONGEST):
        return ""
    try:
        text = repr(ast.literal_eval(node))
        return text if len(text) <= LARGEST else ""
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return ""


def is_telling(text: str) -> bool:
    """Return whether a literal is so particular that code which names it must have it from somewhere."""
    return bool(text) and text not in _TRIVIAL


def pairs(texts: Iterable[str]) -> frozenset[Pair]:
    """Return (input, result) of every assertion that compares a call with a literal, and of parameter sets."""
    found: set[Pair] = set()
    for text in texts:
        tree = parsed(text)
        for scope in scopes(tree):
            for claim in claims(scope):
                found.update(_compared(claim.node))
        found.update(_parametrized(tree))
        found.update(_looped(tree))
    return frozenset(found)


def results(texts: Iterable[str]) -> frozenset[str]:
    """Return the literals that assertions compare something with."""
    found: set[str] = set()
    for text in texts:
        for scope in scopes(parsed(text)):
            compared = (claim.node for claim in claims(scope) if isinstance(claim.node, ast.Compare))
            found.update(literal(side) for node in compared for side in (node.left, *node.comparators))
    return frozenset(found - {""})


def _literals(node: ast.AST) -> Iterator[str]:
    """Yield the literals in an expression, whole ones before their parts."""
    whole = literal(node)
    if whole:
        yield whole
    for child in ast.iter_child_nodes(node):
        yield from _literals(child)


def _compared(node: ast.expr) -> Iterator[Pair]:
    if not isinstance(node, ast.Compare) or len(node.comparators) != 1:
        return
    result = literal(node.comparators[0])
    calls = [each for each in ast.walk(node.left) if isinstance(each, ast.Call)]
    for call in calls if result else ():
        for argument in (*call.args, *(each.value for each in call.keywords)):
            yield from ((given, result) for given in _literals(argument))


def _parametrized(tree: ast.Module | None) -> Iterator[Pair]:
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("parametrize") and len(node.args) > 1:
            yield from _sets(node.args[1])


def _looped(tree: ast.Module | None) -> Iterator[Pair]:
    """Yield the pairs of the sets that a test loops over, in place or by a name."""
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.For):
            yield from _sets(node.iter)
        elif isinstance(node, ast.Assign):
            yield from _sets(node.value)


def _sets(node: ast.expr) -> Iterator[Pair]:
    for one in getattr(node, "elts", []):
        inner = one.args if isinstance(one, ast.Call) else getattr(one, "elts", [])
        parts = [literal(each) for each in inner]
        yield from ((a, b) for a in parts[:MOST] for b in parts[:MOST] if a and b and a != b)
