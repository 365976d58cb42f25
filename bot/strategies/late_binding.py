"""Bind a loop's variable when a function is made in the loop, not when the function runs."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from bot.codebase import Codebase
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._places import functions_at_fault
from bot.strategies._text import Span, edit, replace

_COMPREHENSIONS = (ast.ListComp, ast.DictComp, ast.SetComp)


def _bound(target: ast.AST) -> set[str]:
    return {node.id for node in ast.walk(target) if isinstance(node, ast.Name)}


def _loops(function: ast.AST) -> Iterator[tuple[set[str], list[ast.AST]]]:
    """Yield (loop variables, what runs in the loop)."""
    for node in ast.walk(function):
        if isinstance(node, ast.For):
            yield _bound(node.target), list(node.body)
        elif isinstance(node, _COMPREHENSIONS):
            names = {name for generator in node.generators for name in _bound(generator.target)}
            yield names, [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]


def _kept_lambdas(parts: list[ast.AST]) -> Iterator[ast.Lambda]:
    """Yield the lambdas that outlive their round: stored, or given to a method that stores."""
    keepers = {"append", "add", "insert", "setdefault", "connect", "register", "add_callback", "bind", "after"}
    for part in parts:
        if isinstance(part, ast.Lambda):
            yield part
        for node in ast.walk(part):
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda):
                yield node.value
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in keepers:
                yield from (argument for argument in node.args if isinstance(argument, ast.Lambda))


def _bindings(node: ast.Lambda, names: set[str]) -> list[str]:
    own = {a.arg for a in [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]}
    read = [n.id for n in ast.walk(node.body) if isinstance(n, ast.Name) and n.id in names - own]
    return [f"{name}={name}" for name in dict.fromkeys(read)]


def _changes(function: ast.AST) -> Iterator[tuple[Span | ast.AST, str]]:
    for names, parts in _loops(function):
        for node in _kept_lambdas(parts):
            bindings = _bindings(node, names)
            if not bindings or node.args.vararg or node.args.kwarg or node.args.kwonlyargs:
                continue
            every = [*node.args.posonlyargs, *node.args.args]
            if every:
                last = node.args.defaults[-1] if node.args.defaults else every[-1]
                line, column = last.end_lineno or node.lineno, last.end_col_offset or 0
                yield Span(line, column, line, column), ", " + ", ".join(bindings)
            else:
                column = node.col_offset + len("lambda")
                yield Span(node.lineno, column, node.lineno, column), " " + ", ".join(bindings)


@strategy(causes=("state", "test-failure", "late-binding"), trust="glance", prior=0.6)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for each function at fault that makes such functions in a loop."""
    for path, function in functions_at_fault(diagnosis, codebase):
        text = codebase.text(path)
        edits = edit(path, text, replace(text, list(_changes(function))))
        if edits:
            yield Proposal(
                strategy="late_binding",
                title=f"Bind the loop variable early in {function.name}",
                edits=edits,
                confidence=0.85,
                why="a function made in a loop sees the variable's last value, not the one of its own round.",
            )
