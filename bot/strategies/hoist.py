"""Compute once, in front of a loop, what every round of it would compute again."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from bot.codebase import Codebase
from bot.codebase.changes import split_lines
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._bodies import before
from bot.strategies._calls import imported_as
from bot.strategies._loops import Function, Loop, fresh, hot_functions, invariant, outer_loops
from bot.strategies._statements import dotted
from bot.strategies._text import Span, edit, indent_of, replace, source

# they read their arguments, never fail on what iterates, and give the same answer for the same arguments
_PURE = frozenset({"sorted", "set", "frozenset", "list", "tuple", "dict", "sum", "len", "str", "re.compile"})
_ASKING = frozenset({"index", "count", "get", "match", "search", "fullmatch", "sub", "findall", "finditer"})
_GOING_THROUGH = frozenset({"min", "max", "any", "all", "enumerate", "zip", "map", "filter"})
_CHEAP = frozenset({"len", "str"})


def _names(call: ast.Call, origins: dict[str, str]) -> str:
    name = dotted(call.func)
    head, _, rest = name.partition(".")
    return ".".join(part for part in (origins.get(head, head), rest) if part)


def _reader(parents: dict[int, ast.AST], call: ast.Call) -> bool:
    """Return whether the place of a call only reads its result."""
    parent = parents.get(id(call))
    if isinstance(parent, ast.Compare | ast.For | ast.comprehension):
        return True
    if isinstance(parent, ast.Subscript):
        return isinstance(parent.ctx, ast.Load) and parent.value is call
    if isinstance(parent, ast.Attribute):
        grand = parents.get(id(parent))
        return isinstance(grand, ast.Call) and parent.attr in _ASKING
    return isinstance(parent, ast.Call) and dotted(parent.func) in _PURE | _GOING_THROUGH


def _calls(loop: Loop, origins: dict[str, str]) -> Iterator[ast.Call]:
    parents = {id(child): node for node in ast.walk(loop) for child in ast.iter_child_nodes(node)}
    for node in (n for statement in loop.body for n in ast.walk(statement)):
        if not isinstance(node, ast.Call) or _names(node, origins) not in _PURE - _CHEAP or not node.args:
            continue
        odd = isinstance(node.args[0], ast.Constant | ast.GeneratorExp)
        if not odd and _reader(parents, node) and invariant(node, loop):
            yield node


def _hoisted_calls(text: str, function: Function, loop: Loop, origins: dict[str, str]) -> str | None:
    calls: dict[str, list[ast.Call]] = {}
    for call in _calls(loop, origins):
        calls.setdefault(source(text, call), []).append(call)
    if not calls:
        return None
    changes: list[tuple[ast.AST | Span, str]] = []
    statements: list[str] = []
    for written, same in calls.items():
        base = dotted(same[0].args[0]).rpartition(".")[2] or "value"
        name = fresh(f"{base}_{dotted(same[0].func).rpartition('.')[2]}", function)
        changes += [(call, name) for call in same]
        statements.append(f"{name} = {' '.join(written.split())}")
    return before(replace(text, changes), loop, statements)


def _is_read(node: ast.expr, origins: dict[str, str]) -> bool:
    """Return whether an expression reads something anew each time: a file by its name, not a stream that moves on."""
    if not isinstance(node, ast.Call):
        return False
    name, method = _names(node, origins), node.func.attr if isinstance(node.func, ast.Attribute) else ""
    if name in {"json.loads", "tomllib.loads", "re.compile"} or method in {"read_text", "read_bytes"}:
        return True
    source_of = node.func.value if isinstance(node.func, ast.Attribute) and method == "read" else None
    if name in {"json.load", "tomllib.load", "yaml.safe_load"} and node.args:
        source_of = node.args[0]
    return isinstance(source_of, ast.Call) and dotted(source_of.func) == "open"


def _hoisted_statements(text: str, loop: Loop, origins: dict[str, str]) -> str | None:
    """Return the text with the loop's own statements that read the same thing every round in front of it."""
    lines, moved = split_lines(text), []
    for statement in loop.body:
        single = isinstance(statement, ast.Assign) and len(statement.targets) == 1
        if not single or not isinstance(statement, ast.Assign) or not isinstance(statement.targets[0], ast.Name):
            continue
        name = statement.targets[0].id
        stores = sum(isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Store) for n in ast.walk(loop))
        if stores == 1 and _is_read(statement.value, origins) and invariant(statement.value, loop):
            moved.append(statement)
    if not moved or len(moved) == len(loop.body):
        return None
    gone = {at for s in moved for at in range(s.lineno - 1, s.end_lineno or s.lineno)}
    indent = indent_of(lines[loop.lineno - 1])
    old = indent_of(lines[loop.body[0].lineno - 1])
    taken = [indent + lines[at].removeprefix(old) for at in sorted(gone)]
    kept = [line for at, line in enumerate(lines) if at not in gone]
    return "".join([*kept[: loop.lineno - 1], *taken, *kept[loop.lineno - 1 :]])


@strategy(causes=("performance", "repeated-pure-call", "io-in-loop", "recompiled-regex"), trust="glance", prior=0.75)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for each outermost loop of the slow code that computes the same thing every round."""
    for path, function in hot_functions(diagnosis, codebase):
        text, origins = codebase.text(path), imported_as(path, codebase)
        for loop in outer_loops(function.body):
            for new in (_hoisted_calls(text, function, loop, origins), _hoisted_statements(text, loop, origins)):
                if new:
                    yield Proposal(
                        strategy="hoist",
                        title=f"Compute once in front of the loop of {function.name}",
                        edits=edit(path, text, new),
                        confidence=0.75,
                        why="nothing in the loop changes what this reads, so that every round gets the same.",
                    )
