"""Refuses an answer written for the very input of a test: a branch, table or `match` that pairs two of its literals.

A branch beside others of its kind is an extension, and 0, 1, an empty text and the like are honest base cases.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Iterator

from bot.gates._examples import Pair, is_telling, literal, pairs, results
from bot.gates._scopes import Function, by_name, own_nodes, scopes
from bot.proof.change import Change, FileChange, Refusal
from bot.registry import gate


@gate(kind="")
def check(change: Change) -> Iterable[Refusal]:
    """Yield one refusal for each new branch or table entry of product code that repeats an example of the tests."""
    files = [file for file in change.product if any(True for _ in _answers(file.new_part))]
    if not files:
        return
    texts = [*change.tests.values(), *(file.after or "" for file in change.test_files)]
    known, wanted = pairs(texts), results(texts)
    for file in files:
        yield from _judge(file, known, wanted)


def _judge(file: FileChange, known: frozenset[Pair], wanted: frozenset[str]) -> Iterator[Refusal]:
    before = Counter(pair for pair, _ in _answers(file.old_part))
    siblings = {
        name
        for name, scope in by_name(file.old_part).items()
        if any(is_telling(given) for (given, _), _ in _of(scope.node))
    }
    for scope in scopes(file.new_part):
        if scope.name in siblings:
            continue
        for pair, line in _of(scope.node):
            before[pair] -= 1
            if before[pair] < 0 and is_telling(pair[0]) and (pair in known or _is_copied(pair, wanted)):
                yield Refusal(file.path, line, f"{scope.name} answers {pair[1]} for {pair[0]}, the example of a test")


def _is_copied(pair: Pair, wanted: frozenset[str]) -> bool:
    """Return whether one whole collection is answered by what a test wants: no rule has a case for a single one."""
    given, answer = pair
    return given[0] in "[{(" and is_telling(answer) and answer in wanted


def _answers(tree: ast.Module | None) -> Iterator[tuple[Pair, int]]:
    for scope in scopes(tree):
        yield from _of(scope.node)


def _of(node: Function | ast.ClassDef | ast.Module) -> Iterator[tuple[Pair, int]]:
    """Yield (input, answer) of the branches and tables in a scope."""
    for each in own_nodes(node):
        if isinstance(each, ast.If):
            for answer in _answer(each.body):
                yield from (((given, answer), each.lineno) for given in _given(each.test))
        elif isinstance(each, ast.IfExp):
            answer = literal(each.body)
            yield from (((given, answer), each.lineno) for given in _given(each.test) if answer)
        elif isinstance(each, ast.Match):
            yield from _cases(each)
        elif isinstance(each, ast.Dict):
            entries = zip(each.keys, each.values, strict=True)
            yield from (((literal(key), literal(value)), each.lineno) for key, value in entries)
        elif isinstance(each, ast.Subscript) and not isinstance(each.slice, ast.Constant | ast.Slice):
            listed = enumerate(getattr(each.value, "elts", []))
            yield from (((str(place), literal(value)), each.lineno) for place, value in listed)


def _given(test: ast.expr) -> Iterator[str]:
    """Yield the literals that a condition compares a value with."""
    for node in ast.walk(test):
        if isinstance(node, ast.Compare) and all(isinstance(each, ast.Eq | ast.Is | ast.In) for each in node.ops):
            member = any(isinstance(each, ast.In) for each in node.ops)
            for side in (node.left, *node.comparators):
                yield from (text for text in _spread(side, whole=not member) if text)


def _spread(node: ast.expr, *, whole: bool) -> Iterator[str]:
    """Yield a literal and its elements; of a collection that only holds the candidates of `in`, these alone."""
    if whole or not hasattr(node, "elts"):
        yield literal(node)
    for each in getattr(node, "elts", []):
        yield literal(each)


def _answer(body: list[ast.stmt]) -> Iterator[str]:
    for node in body:
        if isinstance(node, ast.Return | ast.Assign) and literal(node.value):
            yield literal(node.value)


def _cases(node: ast.Match) -> Iterator[tuple[Pair, int]]:
    for case in node.cases:
        given = [literal(each.value) for each in ast.walk(case.pattern) if isinstance(each, ast.MatchValue)]
        for answer in _answer(case.body):
            yield from (((one, answer), case.pattern.lineno) for one in given)
