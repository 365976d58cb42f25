"""What a failing test itself says about where the fault is: what it calls, what it is named after, what kind of line.

These clues only order lines between which coverage can't choose; each is between 0 and 1.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeGuard

import re2

from bot.codebase.repository import Codebase
from bot.codebase.symbols import Symbol
from bot.model import Frame

_WORD = re2.compile(r"[A-Z]+(?:[a-z0-9]+|$)|[a-z0-9]+")
_SAME, _LEADS, _BEFORE = 1.0, 0.7, 0.35
"""Weight of a call in the statement that failed, in one that leads to its values, and in any other before it."""
_OPERATORS: Mapping[type[ast.AST], str] = {
    ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "truediv", ast.FloorDiv: "floordiv", ast.Mod: "mod",
    ast.BitAnd: "and", ast.BitOr: "or", ast.BitXor: "xor", ast.LShift: "lshift", ast.RShift: "rshift", ast.Pow: "pow",
    ast.Eq: "eq", ast.NotEq: "ne", ast.Lt: "lt", ast.LtE: "le", ast.Gt: "gt", ast.GtE: "ge", ast.In: "contains",
    ast.NotIn: "contains", ast.Invert: "invert", ast.USub: "neg", ast.Not: "bool",
}  # fmt: skip
_BUILTINS = {"len", "iter", "next", "bool", "str", "repr", "hash", "bytes", "int", "float", "abs", "round", "reversed"}
_ITERATING = frozenset(
    {"list", "tuple", "set", "sorted", "sum", "min", "max", "any", "all", "dict", "enumerate", "zip"}
)
_KINDS: tuple[tuple[tuple[type[ast.AST], ...], float], ...] = (
    ((ast.If, ast.While, ast.Return, ast.AugAssign, ast.Yield, ast.comprehension), 1.0),
    ((ast.For, ast.Assert, ast.With), 0.8),
    ((ast.Assign, ast.AnnAssign, ast.Expr), 0.6),
    ((ast.Raise, ast.Try, ast.ExceptHandler), 0.4),
)
_COMPUTES = (ast.Compare, ast.BoolOp, ast.BinOp, ast.UnaryOp, ast.IfExp, ast.Subscript)


def test_function(codebase: Codebase, test: str) -> Symbol | None:
    """Return the function of a test id, as pytest or unittest prints it, None when it is not in the repository."""
    if "::" in test:
        path, _, rest = test.partition("::")
        name = rest.partition("[")[0].replace("::", ".")
        return next((one for one in codebase.symbols(path) if one.qualname == name), None)
    module, _, name = test.rpartition(".")
    while module:
        if module in codebase.modules:
            return next((one for one in codebase.symbols(codebase.modules[module]) if one.qualname == name), None)
        module, _, outer = module.rpartition(".")
        name = f"{outer}.{name}"
    return None


def mentioned(codebase: Codebase, tests: Iterable[str], frames: Iterable[Frame]) -> Mapping[str, float]:
    """Return how strongly the failing tests point at functions of a name: by the statement that failed, most of all.

    Operators and built-in functions count for the methods that they call (`a | b` for `__or__`).
    """
    lines = {(frame.file, frame.line) for frame in frames}
    found: dict[str, float] = {}
    known = [one for test in tests if (one := test_function(codebase, test))]
    for symbol in known:
        weights: dict[str, float] = {}
        for weight, node in _weighed(codebase, symbol, lines):
            for name in _names(node):
                weights[name] = max(weights.get(name, 0.0), weight)
        for name, weight in weights.items():
            found[name] = found.get(name, 0.0) + weight / len(known)
    return found


def _weighed(codebase: Codebase, symbol: Symbol, lines: set[tuple[str, int]]) -> Iterator[tuple[float, ast.stmt]]:
    """Yield a test's simple statements with their weights; all count as before when the failing line is unknown."""
    statements = [one for one in _statements(codebase, symbol) if not hasattr(one, "body")]
    failed = [one for one in statements if any((symbol.file, n) in lines for n in range(one.lineno, _end(one) + 1))]
    if not failed:
        yield from ((_BEFORE, one) for one in statements)
        return
    last = failed[-1]
    local = {part.id for one in statements for part in ast.walk(one) if _stores(part)}
    wanted = _read(last) & local
    yield _SAME, last
    for one in reversed([one for one in statements if one.lineno < last.lineno]):
        leads = bool(_written(one) & wanted)
        if leads:
            wanted |= _read(one) & local
        yield (_LEADS if leads else _BEFORE), one


def _statements(codebase: Codebase, symbol: Symbol) -> list[ast.stmt]:
    tree = codebase.tree(symbol.file)
    inside = range(symbol.line + 1, symbol.end_line + 1)
    found = [node for node in ast.walk(tree) if isinstance(node, ast.stmt) and node.lineno in inside] if tree else []
    return sorted(found, key=lambda node: node.lineno)


def _end(node: ast.stmt) -> int:
    return node.end_lineno or node.lineno


def _read(node: ast.AST) -> set[str]:
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}


def _written(node: ast.AST) -> set[str]:
    """Return the names that a statement assigns, or on which it calls a method."""
    found = set()
    for part in ast.walk(node):
        if _stores(part):
            found.add(part.id)
        elif isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name):
            found.add(part.value.id)
    return found


def _stores(node: ast.AST) -> TypeGuard[ast.Name]:
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)


def _names(node: ast.AST) -> Iterator[str]:
    for part in ast.walk(node):
        match part:
            case ast.Attribute(attr=name):
                yield name
            case ast.Name(id=name):
                yield name
                yield from ([f"__{name}__"] if name in _BUILTINS else ["__iter__"] if name in _ITERATING else [])
            case ast.AugAssign(op=op):
                yield from (f"__i{_OPERATORS[type(op)]}__", f"__{_OPERATORS[type(op)]}__")
            case ast.BinOp(op=op) if type(op) in _OPERATORS:
                yield from (f"__{_OPERATORS[type(op)]}__", f"__r{_OPERATORS[type(op)]}__")
            case ast.UnaryOp(op=op) if type(op) in _OPERATORS:
                yield f"__{_OPERATORS[type(op)]}__"
            case ast.Compare(ops=ops):
                yield from (f"__{_OPERATORS[type(op)]}__" for op in ops if type(op) in _OPERATORS)
            case ast.Subscript(ctx=ctx):
                yield "__getitem__" if isinstance(ctx, ast.Load) else "__setitem__"


def named_after(symbol: Symbol, tests: Iterable[str]) -> float:
    """Return which share of a function's name the failing tests carry in theirs."""
    own = set(_words(symbol.name)) or {symbol.name}
    theirs = {word for test in tests for word in _words(test.partition("::")[2] or test)}
    return len(own & theirs) / len(own)


def _words(name: str) -> list[str]:
    return [found.group(0).lower() for found in _WORD.finditer(name) if len(found.group(0)) > 1]


def kinds(codebase: Codebase, file: str) -> Mapping[int, float]:
    """Return how apt each line of a file is to hold a fault by what it does: deciding and computing, most of all."""
    tree = codebase.tree(file)
    found: dict[int, float] = {}
    for node in ast.walk(tree) if tree else ():
        weight = next((weight for types, weight in _KINDS if isinstance(node, types)), 0.0)
        line = getattr(node, "lineno", 0)
        if weight and line:
            computes = any(isinstance(part, _COMPUTES) for part in ast.walk(_head(node)))
            found[line] = max(found.get(line, 0.0), weight * (1.0 if computes else 0.7))
    return found


def _head(node: ast.AST) -> ast.AST:
    """Return the part of a compound statement that stands in its own lines."""
    return getattr(node, "test", None) or getattr(node, "iter", None) or node
