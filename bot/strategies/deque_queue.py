"""Take from the front of a deque: `list.pop(0)` and `insert(0, ...)` move every other element."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from bot.codebase import Codebase
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._apis import Names, Unit, with_imports
from bot.strategies._loops import Function, hot_functions
from bot.strategies._statements import dotted
from bot.strategies._text import Span, attribute_span, edit, replace, source

_READERS = frozenset({"len", "sum", "min", "max", "sorted", "list", "tuple", "set", "bool", "print", "any", "all"})
_SAME = frozenset({"append", "extend", "remove", "clear", "count", "index", "pop", "insert", "reverse"})


def _made(function: Function) -> dict[str, ast.expr]:
    """Return the value of each name that is assigned once, a list."""
    found: dict[str, list[ast.expr]] = {}
    for node in ast.walk(function):
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                if isinstance(target, ast.Name):
                    found.setdefault(target.id, []).append(node.value)
    lists = {name: values[0] for name, values in found.items() if len(values) == 1}
    return {
        name: value
        for name, value in lists.items()
        if isinstance(value, ast.List | ast.ListComp) or (isinstance(value, ast.Call) and dotted(value.func) == "list")
    }


def _front(function: Function, name: str) -> list[tuple[ast.Call, str]] | None:
    """Return the calls at the front of a list with what a deque calls them; None when a deque could not do the rest."""
    calls: list[tuple[ast.Call, str]] = []
    for node in ast.walk(function):
        if _beyond(node, name):
            return None
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and dotted(node.func.value) == name:
            zero = bool(node.args) and isinstance(node.args[0], ast.Constant) and node.args[0].value == 0
            if node.func.attr == "pop" and zero:
                calls.append((node, "popleft"))
            elif node.func.attr == "insert" and zero and len(node.args) == 2:
                calls.append((node, "appendleft"))
            elif node.func.attr not in _SAME or (node.func.attr == "pop" and node.args):
                return None
    return calls


def _beyond(node: ast.AST, name: str) -> bool:
    """Return whether a node does with a list what a deque can't: slices, giving it away."""
    if isinstance(node, ast.Subscript):
        return dotted(node.value) == name and isinstance(node.slice, ast.Slice)
    if isinstance(node, ast.Return):
        return node.value is not None and dotted(node.value) == name
    given = isinstance(node, ast.Call) and any(dotted(argument) == name for argument in node.args)
    return given and isinstance(node, ast.Call) and dotted(node.func) not in _READERS


def _changes(unit: Unit, calls: list[tuple[ast.Call, str]]) -> list[tuple[Span | ast.AST, str]]:
    changes: list[tuple[Span | ast.AST, str]] = []
    for call, new in calls:
        if isinstance(call.func, ast.Attribute):
            changes.append((attribute_span(call.func), new))
            gone = call.args[0]
            if new == "appendleft":
                after = call.args[1]
                changes.append((Span(gone.lineno, gone.col_offset, after.lineno, after.col_offset), ""))
            else:
                changes.append((gone, ""))
    return changes


def _given(made: str) -> str:
    """Return what a deque is made of where a list was made by this text."""
    inner = made.removeprefix("list(").removesuffix(")") if made.startswith("list(") else made
    return "" if inner in {"[]", ""} else inner


@strategy(causes=("performance",), trust="glance", prior=0.75)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for each list of the slow code that is used as a queue."""
    for path, function in hot_functions(diagnosis, codebase):
        for name, value in _made(function).items():
            calls = _front(function, name)
            unit = Unit(codebase.text(path))
            names = Names(unit)
            deque = names.spell("collections.deque") if calls else None
            if not calls or deque is None:
                continue
            given = _given(source(unit.text, value))
            unit.become(replace(unit.text, [(value, f"{deque}({given})"), *_changes(unit, calls)]))
            with_imports(unit, names.imports)
            yield Proposal(
                strategy="deque_queue",
                title=f"Make {name} in {function.name} a deque",
                edits=edit(path, codebase.text(path), unit.text),
                confidence=0.8,
                why="taking the first element of a list moves all others; a deque takes it at once.",
            )
