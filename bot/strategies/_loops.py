"""Loops and what stays the same in them, for repairs of slow code."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.codebase import Codebase
from bot.model import Diagnosis
from bot.strategies._calls import resolve
from bot.strategies._mutable import changes
from bot.strategies._places import functions_at_fault
from bot.strategies._statements import dotted

Function = ast.FunctionDef | ast.AsyncFunctionDef
Loop = ast.For | ast.While
_DEPTH = 2
_MOST = 12


def hot_functions(diagnosis: Diagnosis, codebase: Codebase) -> Iterator[tuple[str, Function]]:
    """Yield (file, function) for the slow function and the project's functions that it calls, two calls deep."""
    seen: set[tuple[str, int]] = set()
    waiting = [(path, function, 0) for path, function in functions_at_fault(diagnosis, codebase)]
    while waiting and len(seen) < _MOST:
        path, function, depth = waiting.pop(0)
        if (path, function.lineno) in seen:
            continue
        seen.add((path, function.lineno))
        yield path, function
        for call in (n for n in ast.walk(function) if isinstance(n, ast.Call) and depth < _DEPTH):
            callee = resolve(call, path, codebase)
            if callee and callee.node is not None and callee.path:
                waiting.append((callee.path, callee.node, depth + 1))


def outer_loops(body: list[ast.stmt]) -> Iterator[Loop]:
    """Yield the loops of a body that are in no other loop, those in branches and `with` included."""
    for statement in body:
        if isinstance(statement, Loop):
            yield statement
        elif not isinstance(statement, Function | ast.ClassDef):
            for field in ("body", "orelse", "finalbody"):
                yield from outer_loops(getattr(statement, field, []))
            for handler in getattr(statement, "handlers", []):
                yield from outer_loops(handler.body)


def bound_in(node: ast.AST) -> set[str]:
    """Return the names that code binds, loop variables included."""
    names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)}
    return names | {n.name for n in ast.walk(node) if isinstance(n, Function | ast.ClassDef)}


def reads(node: ast.AST) -> set[str]:
    """Return the names that an expression reads."""
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}


def changed_in(node: ast.AST, name: str) -> bool:
    """Return whether code rebinds a (dotted) name, changes its object in place, or gives it to someone who could."""
    head = name.partition(".")[0]
    if head in bound_in(node):
        return True
    for part in ast.walk(node):
        if changes(part, name):
            return True
        if isinstance(part, ast.Attribute) and not isinstance(part.ctx, ast.Load) and dotted(part) == name:
            return True
        if isinstance(part, ast.Call) and _may_change(part, name, head):
            return True
    return False


_READERS = frozenset(
    "len sorted sum min max any all set list tuple dict frozenset enumerate zip range print isinstance str repr map"
    " filter iter next reversed abs round int float bool hash id type".split()
)


def _may_change(call: ast.Call, name: str, head: str) -> bool:
    """Return whether a call gets the object (or its owner) and is not known to only read."""
    if dotted(call.func) in _READERS:
        return False
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    receiver = dotted(call.func.value) if isinstance(call.func, ast.Attribute) else ""
    return any(dotted(one) in {name, head} for one in given) or (head != name and receiver == head)


def invariant(node: ast.expr, loop: ast.AST) -> bool:
    """Return whether an expression reads only what a loop leaves alone."""
    called = {id(n.func) for n in ast.walk(node) if isinstance(n, ast.Call)}
    read = [n for n in ast.walk(node) if isinstance(n, ast.Name | ast.Attribute) and id(n) not in called]
    names = [dotted(n) for n in read]
    return not any(changed_in(loop, name) for name in names if name)


def fresh(name: str, function: ast.AST) -> str:
    """Return a name like `name` that the function does not use yet."""
    taken = {n.id for n in ast.walk(function) if isinstance(n, ast.Name)}
    taken |= {a.arg for a in ast.walk(function) if isinstance(a, ast.arg)}
    candidates = [name, *(f"{name}_{n}" for n in range(2, 50))]
    return next(one for one in candidates if one not in taken)
