"""Tests beside others: they take the same fixtures, cases and set-up, call the other, and look at what it does."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence

from bot.codebase import Codebase
from bot.codebase.changes import split_lines
from bot.codebase.repository import parse
from bot.strategies._bodies import first_line
from bot.strategies._harvest import Test
from bot.strategies._imports import add
from bot.strategies._library import STANDARD
from bot.strategies._statements import dotted
from bot.strategies._testfile import asserted, said

Function = ast.FunctionDef | ast.AsyncFunctionDef
Body = Callable[[str], Sequence[str]]
"""Gives the lines of a test for what calls another one."""
WIDTH = 79  # what linters allow where nothing else is set


def repeatable(test: Test) -> bool:
    """Return whether another test may call this one: its runner does nothing but choose values for it."""
    chosen = (dotted(one.func if isinstance(one, ast.Call) else one) for one in test.node.decorator_list)
    inside = (isinstance(node, ast.Yield | ast.YieldFrom | ast.Await) for node in ast.walk(test.node))
    return all(name == "pytest.mark.parametrize" for name in chosen) and not any(inside)


def with_siblings(
    text: str, made: Sequence[tuple[Test, str, Body]], helper: str, imports: Sequence[str], codebase: Codebase
) -> str:
    """Return a test file with a test behind each of `made`: (the test it calls, the end of its name, its lines).

    The text of `helper` goes before the first class or function, `imports` to the others.
    """
    lines = split_lines(text)
    for _, (test, end, body) in sorted(enumerate(made), key=lambda one: (-one[1][0].node.lineno, -one[0])):
        at = test.node.end_lineno or 0
        lines[at:at] = _sibling(test, end, body, lines)
    if helper:
        at = _head("".join(lines))
        lines[at:at] = [*split_lines(helper), "\n", "\n"]
    whole = "".join(lines)
    own = frozenset(module.partition(".")[0] for module in codebase.modules)
    for statement in imports:
        tree = parse(whole)
        whole = add(whole, tree, statement, own, STANDARD) if tree else whole
    return whole


def folded(line: str, width: int) -> list[str]:
    """Return a line as it is, or when it is too long, with what its first bracket holds on a line of its own."""
    head, bracket, rest = line.partition("(")
    if len(line) <= width or not rest.endswith(")"):
        return [line]
    return [head + bracket, f"    {rest[:-1]}", ")"]


def _head(text: str) -> int:
    """Return how many lines stand before the first class or function and the comment above it."""
    tree, lines = parse(text), text.split("\n")
    first = next((n for n in tree.body if isinstance(n, Function | ast.ClassDef)), None) if tree else None
    at = first_line(first) - 1 if first else len(lines) - 1
    while at and lines[at - 1].startswith("#"):
        at -= 1
    return at


def _sibling(test: Test, end: str, body: Body, lines: list[str]) -> list[str]:
    """Return the lines of a test with the decorators and arguments of another."""
    node, owner = test.node, test.owner
    margin = " " * node.col_offset
    arguments = [one.arg for one in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
    given = ", ".join(arguments[1:] if owner else arguments)
    unittest = owner is not None and any(dotted(base).endswith("TestCase") for base in owner.bases)
    called = f"self.{node.name}" if owner else node.name
    lines_of = body(f"lambda: {called}({given})" if given else called)
    inside = [
        f"    {part}"
        for line in lines_of
        for part in folded(asserted(line) if unittest else line, WIDTH - len(margin) - 4)
    ]
    head = f"def {node.name}_{end}({', '.join(arguments)}):"
    blank = ["\n"] if margin else ["\n", "\n"]
    ended = [] if lines[(node.end_lineno or 1) - 1].endswith("\n") else ["\n"]
    above = lines[first_line(node) - 1 : node.lineno - 1]
    return [
        *ended,
        *blank,
        *above,
        *(f"{margin}{line}\n" for line in (head, f"    {said(f'{node.name}_{end}')}", *inside)),
    ]
