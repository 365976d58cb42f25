"""Put positional arguments in the order of the parameters that bear their names.

Only where two arguments are called exactly like each other's parameters: `scale(height, width)` for
`def scale(width, height)`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from bot.codebase import Codebase
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._calls import Callee, resolve
from bot.strategies._places import functions_at_fault
from bot.strategies._text import edit, replace, source


def _bare(node: ast.expr) -> str:
    """Return the name that an argument goes by: its variable, or the last attribute."""
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _swap(call: ast.Call, callee: Callee) -> tuple[int, int] | None:
    """Return the two positions that hold each other's arguments, when there is exactly one such pair."""
    if len(call.args) > len(callee.parameters) or any(isinstance(a, ast.Starred) for a in call.args):
        return None
    names = [_bare(argument) for argument in call.args]
    parameters = callee.parameters[: len(names)]
    pairs = [
        (i, j)
        for i in range(len(names))
        for j in range(i + 1, len(names))
        if names[i] == parameters[j] and names[j] == parameters[i] and names[i] != names[j]
    ]
    return pairs[0] if len(pairs) == 1 else None


def _swapped(diagnosis: Diagnosis, codebase: Codebase) -> Iterator[tuple[str, ast.Call, Callee, tuple[int, int]]]:
    for path, function in functions_at_fault(diagnosis, codebase):
        for call in (node for node in ast.walk(function) if isinstance(node, ast.Call) and len(node.args) > 1):
            callee = resolve(call, path, codebase)
            pair = _swap(call, callee) if callee else None
            if callee and pair:
                yield path, call, callee, pair


@strategy(causes=("wrong-argument", "test-failure", "error", "type"), trust="glance", prior=0.7)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for each call with two swapped arguments in the functions at fault."""
    for path, call, callee, (i, j) in _swapped(diagnosis, codebase):
        text = codebase.text(path)
        first, second = source(text, call.args[i]), source(text, call.args[j])
        yield Proposal(
            strategy="swapped_arguments",
            title=f"Pass {second} and {first} to {callee.name} in its own order",
            edits=edit(path, text, replace(text, [(call.args[i], second), (call.args[j], first)])),
            confidence=0.9,
            why=f"`{callee.name}({', '.join(callee.parameters)})` is called with `{first}` and `{second}` swapped.",
        )
