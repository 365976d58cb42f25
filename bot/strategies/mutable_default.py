"""Make a mutable default anew in every call, where the function changes it or hands it out."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from bot.codebase import Codebase
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._apis import Unit
from bot.strategies._bodies import at_head
from bot.strategies._mutable import changes, is_mutable
from bot.strategies._places import functions_at_fault
from bot.strategies._python import annotate, optional
from bot.strategies._text import edit, source

Function = ast.FunctionDef | ast.AsyncFunctionDef


def _defaults(function: Function) -> Iterator[tuple[ast.arg, ast.expr]]:
    arguments = function.args
    positional = [*arguments.posonlyargs, *arguments.args]
    yield from zip(positional[len(positional) - len(arguments.defaults) :], arguments.defaults, strict=True)
    yield from ((a, d) for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if d is not None)


def _leaks(function: Function, name: str) -> bool:
    """Return whether the default object is changed in place, kept, or given away."""
    for node in ast.walk(function):
        kept = node.value if isinstance(node, ast.Assign | ast.Return | ast.Yield) else None
        if changes(node, name) or (isinstance(kept, ast.Name) and kept.id == name):
            return True
    return False


Default = tuple[ast.arg, ast.expr]


def _leaking(function: Function) -> list[Default]:
    return [(a, d) for a, d in _defaults(function) if is_mutable(d) and _leaks(function, a.arg)]


def _with_fresh_defaults(unit: Unit, function: Function, found: list[Default], codebase: Codebase) -> None:
    guards = [line for a, d in found for line in (f"if {a.arg} is None:", f"    {a.arg} = {source(unit.text, d)}")]
    text = at_head(unit.text, function, guards)
    changes: list[tuple[ast.AST, tuple[str, str]]] = [(d, ("None", "")) for _, d in found]
    changes += [
        (a.annotation, optional(source(unit.text, a.annotation), unit, codebase)) for a, _ in found if a.annotation
    ]
    unit.text = text
    annotate(unit, list(changes))


@strategy(causes=("mutable-default", "state", "test-failure"), trust="glance", prior=0.75)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for each function at fault whose mutable default leaks from call to call."""
    for path, function in functions_at_fault(diagnosis, codebase):
        found = _leaking(function)
        if not found:
            continue
        unit = Unit(codebase.text(path))
        _with_fresh_defaults(unit, function, found, codebase)
        edits = edit(path, codebase.text(path), unit.text)
        if edits:
            yield Proposal(
                strategy="mutable_default",
                title=f"Make the defaults of {function.name} anew in every call",
                edits=edits,
                confidence=0.9 if diagnosis.pattern == "mutable-default" else 0.7,
                why="a default is made once, when the function is defined; what one call changes, the next one sees.",
            )
