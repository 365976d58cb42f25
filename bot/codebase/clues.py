"""What a failing test itself says about where the fault is: what it calls, what it is named after, what kind of line.

These clues only order lines between which coverage can't choose; each is between 0 and 1.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeGuard

import re2

from bot.codebase.doctests import documented_function, statements
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
_QUOTED = re2.compile(r"""['"`]([A-Za-z_][A-Za-z0-9_]{2,})\(?\)?['"`]|\b([a-z_][a-z0-9_]{2,})\(\)""")


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
    plain = Counter(test.partition("[")[0] for test in tests)
    known = [(said, times) for test, times in plain.items() if (said := _said(codebase, test, lines)) is not None]
    total = sum(times for _, times in known)
    for said, times in known:
        for name, weight in said.items():
            found[name] = found.get(name, 0.0) + weight * times / total
    return found


def _said(codebase: Codebase, test: str, lines: set[tuple[str, int]]) -> dict[str, float] | None:
    """Return how strongly one failing test points at names; None when it is nowhere to be found."""
    symbol = test_function(codebase, test)
    if symbol is not None:
        return _strongest(_weighed(codebase, symbol, lines))
    path = test.partition("::")[0]
    if "::" not in test or path not in codebase.files:
        return None
    owner = documented_function(codebase, test)
    last = max((line for file, line in lines if file == path), default=0)
    examples = statements(codebase.text(path), last) if last else ()
    weighed = _strongest(_leading(examples[-1], examples[:-1])) if examples else {}
    return {**weighed, **({owner.name: _SAME} if owner else {})}


def _strongest(weighed: Iterable[tuple[float, ast.stmt]]) -> dict[str, float]:
    weights: dict[str, float] = {}
    for weight, node in weighed:
        for name in _names(node):
            weights[name] = max(weights.get(name, 0.0), weight)
    return weights


def _weighed(codebase: Codebase, symbol: Symbol, lines: set[tuple[str, int]]) -> Iterator[tuple[float, ast.stmt]]:
    """Yield a test's simple statements with their weights; all count as before when the failing line is unknown."""
    held = [one for one in _statements(codebase, symbol) if not hasattr(one, "body")]
    failed = [one for one in held if any((symbol.file, n) in lines for n in range(one.lineno, _end(one) + 1))]
    if not failed:
        yield from ((_BEFORE, one) for one in held)
        return
    last = failed[-1]
    for weight, one in _leading(last, [one for one in held if one.lineno < last.lineno]):
        yield weight or _BEFORE, one


def _leading(last: ast.stmt, before: Sequence[ast.stmt]) -> Iterator[tuple[float, ast.stmt]]:
    """Yield the statement that failed, and backwards those before it with a weight where they lead to its values."""
    local = {part.id for one in (*before, last) for part in ast.walk(one) if _stores(part)}
    wanted = _read(last) & local
    yield _SAME, last
    for one in reversed(before):
        leads = bool(_written(one) & wanted)
        if leads:
            wanted |= _read(one) & local
        yield (_LEADS if leads else 0.0), one


def _statements(codebase: Codebase, symbol: Symbol) -> list[ast.stmt]:
    tree = codebase.tree(symbol.file)
    function = _node(tree, symbol) if tree else None
    found = [part for part in ast.walk(function) if isinstance(part, ast.stmt)] if function else []
    return sorted((part for part in found if part is not function), key=lambda node: node.lineno)


def _node(tree: ast.AST, symbol: Symbol) -> ast.stmt | None:
    """Return the definition at a symbol's line, looking only into what lies around that line."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        for child in ast.iter_child_nodes(waiting.pop()):
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) and child.lineno == symbol.line:
                return child
            if isinstance(child, ast.stmt | ast.ExceptHandler) and child.lineno <= symbol.line <= (
                child.end_lineno or 0
            ):
                waiting.append(child)
    return None


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


def words_of(tests: Iterable[str]) -> frozenset[str]:
    """Return the words that the names of tests are made of."""
    return frozenset(word for test in tests for word in _words(test.partition("::")[2] or test))


def named_after(symbol: Symbol, words: frozenset[str]) -> float:
    """Return which share of a function's name is among the words of the failing tests' names, see `words_of`."""
    own = set(_words(symbol.name)) or {symbol.name}
    return len(own & words) / len(own)


def quoted(message: str) -> frozenset[str]:
    """Return the names that an error's message puts in quotes or calls."""
    return frozenset(found.group(1) or found.group(2) for found in _QUOTED.finditer(message[:2000]))


def _words(name: str) -> list[str]:
    return [found.group(0).lower() for found in _WORD.finditer(name) if len(found.group(0)) > 1]


def exception_classes(tree: ast.Module | None) -> frozenset[str]:
    """Return the classes of a module that are exceptions, by their own name or that of a base."""
    found: set[str] = set()
    for node in tree.body if tree else ():
        if isinstance(node, ast.ClassDef):
            names = {node.name, *(name for base in node.bases for name in _names(base))}
            if names & found or any(name.endswith(("Error", "Exception", "Warning")) for name in names):
                found.add(node.name)
    return frozenset(found)
