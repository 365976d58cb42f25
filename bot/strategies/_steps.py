"""Steps of a sequence in code: call statements in a block, or names in a list, and moving them about."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from bot.codebase.changes import split_lines
from bot.strategies._statements import dotted
from bot.strategies._text import Span, replace, source

Block = list[ast.stmt]


@dataclass(frozen=True)
class Steps:
    """The steps found in one place: `names` in their order, with the node of each and whether they are list entries."""

    names: tuple[str, ...]
    nodes: tuple[ast.stmt | ast.expr, ...]
    listed: bool


def _called(statement: ast.stmt) -> str:
    """Return the name of what a simple statement calls."""
    value = statement.value if isinstance(statement, ast.Expr | ast.Assign | ast.AnnAssign | ast.Return) else None
    value = value.value if isinstance(value, ast.Await) else value
    return dotted(value.func).rpartition(".")[2] if isinstance(value, ast.Call) else ""


def _entry(node: ast.expr) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value.rpartition(".")[2]
    if isinstance(node, ast.Call):
        return dotted(node.func).rpartition(".")[2]
    return dotted(node).rpartition(".")[2]


def steps_in(tree: ast.AST, wanted: frozenset[str]) -> Iterator[Steps]:
    """Yield the blocks and lists that hold at least two of the wanted steps."""
    for node in ast.walk(tree):
        for field in ("body", "orelse", "finalbody"):
            block = getattr(node, field, None)
            if isinstance(block, list) and block and isinstance(block[0], ast.stmt):
                found = [(name, s) for s in block if (name := _called(s)) in wanted]
                if len(found) > 1:
                    yield Steps(tuple(n for n, _ in found), tuple(s for _, s in found), False)
        if isinstance(node, ast.List | ast.Tuple) and isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
            entries = [(name, e) for e in node.elts if (name := _entry(e)) in wanted]
            if len(entries) > 1:
                yield Steps(tuple(n for n, _ in entries), tuple(e for _, e in entries), True)


def swapped(text: str, steps: Steps, first: int, second: int) -> str:
    """Return the text with two steps in each other's place."""
    a, b = steps.nodes[first], steps.nodes[second]
    return replace(text, [(a, source(text, b)), (b, source(text, a))])


def _lines(node: ast.stmt | ast.expr) -> tuple[int, int]:
    return node.lineno - 1, node.end_lineno or node.lineno


def removed(text: str, steps: Steps, at: int) -> str | None:
    """Return the text without one step, None for a statement whose result is used by name."""
    node = steps.nodes[at]
    if isinstance(node, ast.expr):
        return _without_entry(text, steps, at)
    if not isinstance(node, ast.Expr):
        return None
    start, end = _lines(node)
    lines = split_lines(text)
    return "".join([*lines[:start], *lines[end:]])


def _without_entry(text: str, steps: Steps, at: int) -> str:
    node = steps.nodes[at]
    if at + 1 < len(steps.nodes):
        after = steps.nodes[at + 1]
        return replace(text, [(Span(node.lineno, node.col_offset, after.lineno, after.col_offset), "")])
    before = steps.nodes[at - 1]
    gap = Span(before.end_lineno or 0, before.end_col_offset or 0, node.end_lineno or 0, node.end_col_offset or 0)
    return replace(text, [(gap, "")])


def moved(text: str, steps: Steps, at: int, to: int) -> str | None:
    """Return the text with a step moved to another place among the steps (`to`: its index afterwards)."""
    order = list(range(len(steps.nodes)))
    order.insert(to, order.pop(at))
    return replace(text, [(steps.nodes[i], source(text, steps.nodes[j])) for i, j in enumerate(order) if i != j])


def inserted(text: str, steps: Steps, name: str, behind: int) -> str | None:
    """Return the text with a missing step behind another one, in the form that all the steps there share.

    Entries of a list, calls without arguments, and `value = step(value)` have such a form; others do not.
    """
    node = steps.nodes[behind]
    form = source(text, node)
    known = steps.names[behind]
    others = [source(text, n).replace(own, "?") for n, own in zip(steps.nodes, steps.names, strict=True)]
    if len(set(others)) != 1 or form.count(known) != 1:
        return None
    new = form.replace(known, name)
    if isinstance(node, ast.expr):
        place = Span(node.end_lineno or 0, node.end_col_offset or 0, node.end_lineno or 0, node.end_col_offset or 0)
        one_line = steps.nodes[0].lineno == steps.nodes[-1].lineno
        return replace(text, [(place, f", {new}" if one_line else f",\n{' ' * node.col_offset}{new}")])
    start, end = _lines(node)
    lines = split_lines(text)
    return "".join([*lines[:end], *(line.replace(known, name) for line in lines[start:end]), *lines[end:]])
