"""Calls and what they call: the definition, its parameters, and which argument fills which."""

from __future__ import annotations

import ast
import builtins
import importlib
import inspect
from collections.abc import Iterator
from dataclasses import dataclass

from bot.codebase import Codebase
from bot.strategies._classes import class_node
from bot.strategies._library import STANDARD
from bot.strategies._statements import dotted

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Callee:
    """What a call runs: the file it is in ('' outside the project), its node, and its parameters without `self`."""

    path: str
    name: str
    node: Function | None
    parameters: tuple[str, ...]
    keyword_only: tuple[str, ...] = ()
    open: bool = False  # it takes *args or **kwargs, so that more fits than is listed

    @property
    def all_names(self) -> tuple[str, ...]:
        """Return every parameter that can be given by keyword."""
        return self.parameters + self.keyword_only


def functions(path: str, codebase: Codebase) -> Iterator[tuple[str, Function, ast.ClassDef | None]]:
    """Yield (qualified name, node, class it is directly in) for every function of a file."""
    tree = codebase.tree(path)
    yield from _functions(tree, "", None) if tree else ()


def _functions(
    node: ast.AST, prefix: str, owner: ast.ClassDef | None
) -> Iterator[tuple[str, Function, ast.ClassDef | None]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Function):
            yield prefix + child.name, child, owner
            yield from _functions(child, f"{prefix}{child.name}.<locals>.", None)
        elif isinstance(child, ast.ClassDef):
            yield from _functions(child, f"{prefix}{child.name}.", child)
        elif not isinstance(child, ast.expr):
            yield from _functions(child, prefix, owner)


def is_static(node: Function) -> bool:
    """Return whether a method is declared without an instance or class in front."""
    return any(dotted(decorator).rpartition(".")[2] == "staticmethod" for decorator in node.decorator_list)


def callee_of(path: str, name: str, node: Function, *, bound: bool) -> Callee:
    """Return a definition as a callee; `bound` leaves out the first parameter."""
    arguments = node.args
    names = [argument.arg for argument in [*arguments.posonlyargs, *arguments.args]]
    return Callee(
        path,
        name,
        node,
        tuple(names[1:] if bound else names),
        tuple(argument.arg for argument in arguments.kwonlyargs),
        arguments.vararg is not None or arguments.kwarg is not None,
    )


def _named(name: str, codebase: Codebase) -> list[Callee]:
    """Return the project's functions and methods of a (qualified) name, tests left out."""
    found = []
    for path in sorted({symbol.file for symbol in codebase.find(name) if not codebase.is_test(symbol.file)}):
        for qualname, node, owner in functions(path, codebase):
            if name in {qualname, node.name}:
                bound = owner is not None and not is_static(node)
                found.append(callee_of(path, qualname, node, bound=bound))
    return found


def _constructor(name: str, codebase: Codebase) -> Callee | None:
    found = class_node(name, codebase)
    if found is None:
        return None
    path, node = found
    for statement in node.body:
        if isinstance(statement, ast.FunctionDef) and statement.name == "__init__":
            return callee_of(path, f"{name}.__init__", statement, bound=True)
    if node.bases and not any(dotted(base).rpartition(".")[2] in {"NamedTuple", "object"} for base in node.bases):
        return None
    fields = [s.target.id for s in node.body if isinstance(s, ast.AnnAssign) and isinstance(s.target, ast.Name)]
    return Callee(path, name, None, tuple(fields)) if fields else None


def _outside(name: str) -> Callee | None:
    """Return a function of the builtins or the standard library by its dotted name."""
    module, _, last = name.rpartition(".")
    if module and module.partition(".")[0] not in STANDARD:
        return None
    try:
        found = getattr(importlib.import_module(module) if module else builtins, last, None)
        signature = inspect.signature(found) if callable(found) else None
    except (ImportError, ValueError, TypeError):
        return None
    if signature is None:
        return None
    kinds = inspect.Parameter
    every = signature.parameters.values()
    return Callee(
        "",
        name,
        None,
        tuple(p.name for p in every if p.kind in (kinds.POSITIONAL_ONLY, kinds.POSITIONAL_OR_KEYWORD)),
        tuple(p.name for p in every if p.kind == kinds.KEYWORD_ONLY),
        any(p.kind in (kinds.VAR_POSITIONAL, kinds.VAR_KEYWORD) for p in every),
    )


def imported_as(path: str, codebase: Codebase) -> dict[str, str]:
    """Return the dotted origin of every name that a file imports."""
    origins: dict[str, str] = {}
    for one in codebase.imports(path):
        base = codebase.absolute(path, one)
        if one.names:
            origins |= {bound: f"{base}.{name}" for bound, name in zip(one.bound, one.names, strict=True)}
        else:
            origins |= {bound: one.module if one.alias else bound for bound in one.bound}
    return origins


def resolve(call: ast.Call, path: str, codebase: Codebase) -> Callee | None:
    """Return what a call in a file calls, or None when that is not certain."""
    name = dotted(call.func)
    last = name.rpartition(".")[2] or (call.func.attr if isinstance(call.func, ast.Attribute) else "")
    if not last:
        return None
    made = _constructor(last, codebase)
    if made is not None:
        return made
    found = _named(last, codebase)
    if isinstance(call.func, ast.Name):
        found = [one for one in found if "." not in one.name] or found
    if len(found) == 1:
        return found[0]
    if found or not name:
        return None
    head, _, rest = name.partition(".")
    origin = imported_as(path, codebase).get(head, head if not rest and hasattr(builtins, head) else "")
    return _outside(f"{origin}.{rest}" if rest else origin) if origin else None


def calls_near(path: str, line: int, codebase: Codebase, slack: int = 0) -> list[ast.Call]:
    """Return the calls whose lines hold `line` (or are at most `slack` lines away), innermost last."""
    tree = codebase.tree(path)
    return [
        node
        for node in (ast.walk(tree) if tree else ())
        if isinstance(node, ast.Call) and node.lineno - slack <= line <= (node.end_lineno or node.lineno) + slack
    ]
