"""Collect the parts of a text and join them once, instead of building it up piece by piece."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from bot.codebase import Codebase
from bot.codebase.changes import split_lines
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._loops import Function, Loop, fresh, hot_functions, outer_loops
from bot.strategies._text import edit, indent_of, newline_of, replace, source


def _pieces(loop: Loop, name: str) -> list[ast.AugAssign | ast.Assign] | None:
    """Return the statements of a loop that add to a text, None when the loop uses the text otherwise."""
    found = [node for node in ast.walk(loop) if isinstance(node, ast.AugAssign | ast.Assign) and _extends(node, name)]
    uses = sum(_is(node, name) for node in ast.walk(loop))
    accounted = sum(1 if isinstance(node, ast.AugAssign) else 2 for node in found)
    return found if found and uses == accounted else None


def _is(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _extends(node: ast.AugAssign | ast.Assign, name: str) -> bool:
    """Return whether a statement is `name += ...` or `name = name + ...`."""
    if isinstance(node, ast.AugAssign):
        return isinstance(node.op, ast.Add) and _is(node.target, name)
    value = node.value
    adds = isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add) and _is(value.left, name)
    return adds and [_is(target, name) for target in node.targets] == [True]


def _starts(block: list[ast.stmt]) -> Iterator[tuple[ast.Assign, Loop]]:
    """Yield (assignment of a text, loop after it in the same block)."""
    for at, statement in enumerate(block):
        value = statement.value if isinstance(statement, ast.Assign) and len(statement.targets) == 1 else None
        if isinstance(statement, ast.Assign) and isinstance(value, ast.Constant) and isinstance(value.value, str):
            later = block[at + 1 :]
            yield from ((statement, loop) for loop in later if isinstance(loop, Loop))


def _blocks(function: Function) -> Iterator[list[ast.stmt]]:
    for node in ast.walk(function):
        for field in ("body", "orelse", "finalbody"):
            block = getattr(node, field, None)
            if isinstance(block, list) and block and isinstance(block[0], ast.stmt):
                yield block


def _joined(text: str, function: Function, start: ast.Assign, loop: Loop) -> str | None:
    target = start.targets[0]
    pieces = _pieces(loop, target.id) if isinstance(target, ast.Name) else None
    if pieces is None or not isinstance(target, ast.Name) or not isinstance(start.value, ast.Constant):
        return None
    parts = fresh(f"{target.id}_parts", function)
    first = f"[{source(text, start.value)}]" if start.value.value else "[]"
    changes: list[tuple[ast.AST, str]] = [(target, parts), (start.value, first)]
    for piece in pieces:
        added = piece.value if isinstance(piece, ast.Assign) else None
        value = added.right if isinstance(added, ast.BinOp) else piece.value
        changes.append((piece, f"{parts}.append({source(text, value)})"))
    lines = split_lines(replace(text, list(changes)))
    at = (loop.end_lineno or loop.lineno) + replace(text, list(changes)).count("\n") - text.count("\n")
    if not lines[at - 1].endswith("\n"):
        lines[at - 1] += newline_of(text)
    after = f'{indent_of(lines[loop.lineno - 1])}{target.id} = "".join({parts}){newline_of(text)}'
    return "".join([*lines[:at], after, *lines[at:]])


@strategy(causes=("performance", "string-concatenation"), trust="glance", prior=0.8)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for each text that a loop of the slow code builds up."""
    for path, function in hot_functions(diagnosis, codebase):
        text = codebase.text(path)
        pairs = [pair for block in _blocks(function) for pair in _starts(block)]
        for start, loop in pairs:
            new = _joined(text, function, start, loop) if loop in list(outer_loops([loop])) else None
            if new:
                yield Proposal(
                    strategy="join_strings",
                    title=f"Join the parts of a text once in {function.name}",
                    edits=edit(path, text, new),
                    confidence=0.8,
                    why="adding to a text copies it every time; joining its parts copies them once.",
                )
