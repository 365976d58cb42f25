"""What the lines of a file do, as far as it tells how likely one holds a fault: read from the syntax tree."""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import re2

_KINDS: tuple[tuple[tuple[type[ast.AST], ...], float], ...] = (
    ((ast.If, ast.While, ast.Return, ast.AugAssign, ast.Yield, ast.comprehension), 1.0),
    ((ast.For, ast.Assert, ast.With), 0.8),
    ((ast.Assign, ast.AnnAssign, ast.Expr), 0.6),
    ((ast.Raise, ast.Try, ast.ExceptHandler), 0.4),
)
_COMPUTES = (ast.Compare, ast.BoolOp, ast.BinOp, ast.UnaryOp, ast.IfExp, ast.Subscript)
_PARTS = (*_COMPUTES, ast.Call, ast.Name, ast.Attribute, ast.Constant)
_MANY = 20
_EFFECTS = (ast.Call, ast.Await, ast.Yield, ast.YieldFrom, ast.Constant)
FORGOTTEN, MAYBE_FORGOTTEN = 0.7, 0.3
Function = ast.FunctionDef | ast.AsyncFunctionDef
_WORD = re2.compile(r"[A-Za-z_][A-Za-z0-9_]{2,}")


@dataclass
class Lines:
    """Facts by line.

    `kinds` and `parts`: how apt a statement is to be wrong by what it does, and by how much it holds, each 0 to 1;
    `bodies`: the first line of a condition's body; `guards`: the condition right above a `raise`; `words`: names and
    words of texts; `uses`: names called and attributes read; `sets`: attributes assigned; `idle`: how likely a value
    is worked out and forgotten there, 0 to 1.
    """

    kinds: dict[int, float] = field(default_factory=dict)
    parts: dict[int, float] = field(default_factory=dict)
    bodies: dict[int, int] = field(default_factory=dict)
    guards: dict[int, int] = field(default_factory=dict)
    words: dict[int, frozenset[str]] = field(default_factory=dict)
    uses: dict[int, frozenset[str]] = field(default_factory=dict)
    sets: dict[int, frozenset[str]] = field(default_factory=dict)
    idle: dict[int, float] = field(default_factory=dict)


def lines_of(tree: ast.Module | None) -> Lines:
    """Return the facts of a file's lines; a statement's facts stand at its first line. None gives none."""
    found = Lines(kinds=dict(kinds(tree)) if tree else {})
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, Function):
            found.idle.update(_idle(node))
        elif isinstance(node, ast.stmt) and not isinstance(node, ast.ClassDef):
            _note(node, found)
    return found


def _idle(function: Function) -> Iterator[tuple[int, float]]:
    """Yield the statements that forget a value: for certain, or a last call where other ways return something."""
    nodes = [node for node in ast.walk(function) if isinstance(node, ast.stmt)]
    returns = any(isinstance(node, ast.Return) and node.value is not None for node in nodes)
    ends = {id(node) for node in _ends(function.body)}
    tried = {id(inner) for node in nodes if isinstance(node, ast.Try) for inner in node.body}  # looks whether it can
    for node in nodes:
        if isinstance(node, ast.Expr) and not isinstance(node.value, _EFFECTS):
            yield node.lineno, 0.0 if id(node) in tried else 1.0
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and id(node) in ends:
            yield node.lineno, FORGOTTEN if returns else MAYBE_FORGOTTEN


def _ends(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield the statements after which a function is over without a `return`."""
    last = body[-1] if body else None
    if isinstance(last, ast.If):
        yield from (*_ends(last.body), *_ends(last.orelse))
    elif isinstance(last, ast.With | ast.Try):
        yield from _ends(last.body)
    elif last is not None:
        yield last


def _note(node: ast.stmt, found: Lines) -> None:
    parts = [part for part in _own(node) if isinstance(part, _PARTS)]
    found.parts[node.lineno] = min(1.0, math.log1p(len(parts)) / math.log1p(_MANY))
    found.uses[node.lineno] = frozenset(name for part in parts for name in _used(part))
    found.sets[node.lineno] = frozenset(n.attr for n in parts if isinstance(n, ast.Attribute) and _stored(n))
    found.words[node.lineno] = frozenset(word for part in parts for word in _words(part))
    if isinstance(node, ast.If | ast.While):
        found.bodies[node.lineno] = node.body[0].lineno
        raised = [one for one in node.body if isinstance(one, ast.Raise)]
        found.guards.update(dict.fromkeys((one.lineno for one in raised), node.lineno))


def _stored(node: ast.Attribute) -> bool:
    return isinstance(node.ctx, ast.Store)


def _used(part: ast.AST) -> Iterator[str]:
    if isinstance(part, ast.Attribute) and not _stored(part):
        yield part.attr
    elif isinstance(part, ast.Call) and isinstance(part.func, ast.Name):
        yield part.func.id


def _own(node: ast.stmt) -> Iterator[ast.AST]:
    """Yield the nodes of a statement that stand in its own lines, not in statements inside it."""
    waiting: list[ast.AST] = [node]
    while waiting:
        one = waiting.pop()
        yield one
        waiting += [part for part in ast.iter_child_nodes(one) if not isinstance(part, ast.stmt | ast.ExceptHandler)]


def _words(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            yield name
        case ast.Constant(value=str() as text) if len(text) < 200:
            yield from (found.group(0) for found in _WORD.finditer(text))


def kinds(tree: ast.Module) -> Mapping[int, float]:
    """Return how apt each line of a file is to hold a fault by what it does: deciding and computing, most of all."""
    found: dict[int, float] = {}
    for node in ast.walk(tree):
        weight = next((weight for types, weight in _KINDS if isinstance(node, types)), 0.0)
        line = getattr(node, "lineno", 0)
        if weight and line:
            computes = any(isinstance(part, _COMPUTES) for part in ast.walk(_head(node)))
            found[line] = max(found.get(line, 0.0), weight * (1.0 if computes else 0.7))
    return found


def _head(node: ast.AST) -> ast.AST:
    """Return the part of a compound statement that stands in its own lines."""
    return getattr(node, "test", None) or getattr(node, "iter", None) or node
