"""Costly patterns in a function, recognised on its syntax tree.

Each recogniser returns the line of the first hit or None; the order is by how much the pattern usually costs.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass

Function = ast.FunctionDef | ast.AsyncFunctionDef
Recogniser = Callable[[Function], int | None]
QUERY_METHODS = frozenset({"execute", "get", "fetch", "fetchone", "fetchall", "query", "find_one", "first", "request"})
IO_CALLS = frozenset({"open", "read_text", "read_bytes", "read", "readlines", "loads", "load", "stat", "listdir"})
PURE_CALLS = frozenset({"sorted", "sum", "min", "max", "set", "list", "dict", "len", "tuple", "frozenset"})


@dataclass(frozen=True)
class Hit:
    """One recognised pattern and the line it stands on."""

    pattern: str
    line: int


def recognise(function: Function) -> tuple[Hit, ...]:
    """Return the costly patterns of a function, the usually costliest first."""
    hits = ((name, recogniser(function)) for name, recogniser in RECOGNISERS.items())
    return tuple(Hit(name, line) for name, line in hits if line is not None)


def loops(function: Function) -> Iterator[ast.For | ast.AsyncFor | ast.While]:
    """Yield the loops of a function."""
    for node in ast.walk(function):
        if isinstance(node, ast.For | ast.AsyncFor | ast.While):
            yield node


def _in_loops(function: Function, fits: Callable[[ast.AST, set[str]], bool]) -> int | None:
    for loop in loops(function):
        bound = {n.id for n in ast.walk(loop) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        for part in loop.body:
            for node in ast.walk(part):
                if fits(node, bound):
                    return int(getattr(node, "lineno", loop.lineno))
    return None


def _called(node: ast.AST) -> str:
    if not isinstance(node, ast.Call):
        return ""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def _uses(node: ast.AST, names: set[str]) -> bool:
    return any(isinstance(n, ast.Name) and n.id in names for n in ast.walk(node))


def _module_of(node: ast.AST) -> str:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return getattr(node.func.value, "id", "")
    return ""


def n_plus_one(function: Function) -> int | None:
    """Return the line of a query inside a loop that depends on the loop's variable."""
    return _in_loops(function, lambda n, bound: _called(n) in QUERY_METHODS and _query(n, bound))


def _query(node: ast.AST, bound: set[str]) -> bool:
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return False
    plain_dict = _called(node) == "get" and not isinstance(node.func.value, ast.Attribute)
    return not plain_dict and any(_uses(argument, bound) for argument in node.args)


def quadratic_membership(function: Function) -> int | None:
    """Return the line of `x in some_list` inside a loop, where the list is built in or given to the function."""
    lists = {
        target.id
        for node in ast.walk(function)
        if isinstance(node, ast.Assign) and _is_list(node.value)
        for target in node.targets
        if isinstance(target, ast.Name)
    }

    def fits(node: ast.AST, _bound: set[str]) -> bool:
        if not isinstance(node, ast.Compare) or not isinstance(node.ops[0], ast.In | ast.NotIn):
            return False
        where = node.comparators[0]
        return _is_list(where) or (isinstance(where, ast.Name) and where.id in lists)

    return _in_loops(function, fits) or _in_comprehensions(function, fits)


def _in_comprehensions(function: Function, fits: Callable[[ast.AST, set[str]], bool]) -> int | None:
    for node in ast.walk(function):
        if isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
            repeated = [
                *node.generators[0].ifs,
                *(part for one in node.generators[1:] for part in (one.iter, *one.ifs)),
            ]
            repeated += [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
            if any(fits(part, set()) for whole in repeated for part in ast.walk(whole)):
                return node.lineno
    return None


def _is_list(node: ast.AST) -> bool:
    return isinstance(node, ast.List | ast.ListComp) or _called(node) in {"list", "sorted"}


def nested_scan(function: Function) -> int | None:
    """Return the line of a loop inside a loop that looks for equal elements."""
    for loop in loops(function):
        for inner in ast.walk(loop):
            if inner is not loop and isinstance(inner, ast.For) and _compares(inner):
                return inner.lineno
    return None


def _compares(loop: ast.For) -> bool:
    return any(isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Eq) for node in ast.walk(loop))


def recompiled_regex(function: Function) -> int | None:
    """Return the line of a regular expression that is compiled on each turn or each call."""

    def fits(node: ast.AST, bound: set[str]) -> bool:
        return (
            isinstance(node, ast.Call)
            and _module_of(node) == "re"
            and not any(_uses(arg, bound) for arg in node.args[:1])
        )

    in_loop = _in_loops(function, fits)
    if in_loop is not None:
        return in_loop
    compiles = [
        n for n in ast.walk(function) if isinstance(n, ast.Call) and _called(n) == "compile" and _module_of(n) == "re"
    ]
    return compiles[0].lineno if compiles else None


def string_concatenation(function: Function) -> int | None:
    """Return the line of `text += ...` inside a loop, where `text` began as a string."""
    texts = {
        target.id
        for node in ast.walk(function)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for target in node.targets
        if isinstance(target, ast.Name)
    }

    def fits(node: ast.AST, _bound: set[str]) -> bool:
        grows = isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add)
        return grows and isinstance(node, ast.AugAssign) and getattr(node.target, "id", "") in texts

    return _in_loops(function, fits)


def io_in_loop(function: Function) -> int | None:
    """Return the line of input or output inside a loop that does not depend on the loop."""
    return _in_loops(
        function, lambda n, bound: isinstance(n, ast.Call) and _called(n) in IO_CALLS and not _uses(n, bound)
    )


def repeated_call(function: Function) -> int | None:
    """Return the line of a pure call inside a loop whose arguments do not change in it."""
    return _in_loops(
        function,
        lambda n, bound: isinstance(n, ast.Call) and bool(n.args) and _called(n) in PURE_CALLS and not _uses(n, bound),
    )


def sequential_awaits(function: Function) -> int | None:
    """Return the line of an await inside a loop whose turns are independent."""
    return _in_loops(function, lambda n, _bound: isinstance(n, ast.Await))


def recursion(function: Function) -> int | None:
    """Return the line where a function calls itself twice or more, so that a cache would help."""
    calls = [n for n in ast.walk(function) if isinstance(n, ast.Call) and getattr(n.func, "id", "") == function.name]
    return calls[0].lineno if len(calls) > 1 else None


def sleeping(function: Function) -> int | None:
    """Return the line of a call to `sleep`."""
    calls = [n for n in ast.walk(function) if isinstance(n, ast.Call) and _called(n) == "sleep"]
    return calls[0].lineno if calls else None


RECOGNISERS: dict[str, Recogniser] = {
    "n-plus-one": n_plus_one,
    "recursion-without-cache": recursion,
    "quadratic-membership": quadratic_membership,
    "nested-scan": nested_scan,
    "io-in-loop": io_in_loop,
    "recompiled-regex": recompiled_regex,
    "string-concatenation": string_concatenation,
    "repeated-pure-call": repeated_call,
    "sequential-awaits": sequential_awaits,
    "sleep": sleeping,
}
