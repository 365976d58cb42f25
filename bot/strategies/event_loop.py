"""Run coroutines with `asyncio.run`: there is no event loop any more unless one is made."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from bot.codebase import Codebase
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._apis import Names, Unit, with_imports
from bot.strategies._porting import port
from bot.strategies._sites import sites
from bot.strategies._text import Span, replace, source


def _loops(function: ast.AST, unit: Unit) -> dict[str, ast.Assign]:
    """Return the statements that bind the loop to a name, by name, where the name is used for nothing but running."""
    found: dict[str, ast.Assign] = {}
    for node in (n for n in ast.walk(function) if isinstance(n, ast.Assign) and len(n.targets) == 1):
        target, made = node.targets[0], node.value
        gets = isinstance(made, ast.Call) and unit.origin(made.func) == "asyncio.get_event_loop"
        if gets and isinstance(target, ast.Name):
            found[target.id] = node
    for name in tuple(found):
        owners = [n for n in ast.walk(function) if isinstance(n, ast.Attribute) and _is(n.value, name)]
        reads = [n for n in ast.walk(function) if _is(n, name) and isinstance(getattr(n, "ctx", None), ast.Load)]
        if len(reads) != len(owners) or {n.attr for n in owners} != {"run_until_complete"}:
            del found[name]
    return found


def _is(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _ported(unit: Unit) -> bool:
    for function in [n for n in ast.walk(unit.tree) if isinstance(n, ast.FunctionDef)]:
        loops, names = _loops(function, unit), Names(unit)
        spots: list[tuple[Span | ast.AST, str]] = []
        for node in ast.walk(function):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            owner = node.func.value
            direct = isinstance(owner, ast.Call) and unit.origin(owner.func) == "asyncio.get_event_loop"
            named = isinstance(owner, ast.Name) and owner.id in loops
            if node.func.attr == "run_until_complete" and len(node.args) == 1 and (direct or named):
                spots.append((node, f"{names.spell('asyncio.run')}({source(unit.text, node.args[0])})"))
        if spots and (len(spots) == 1 or not loops):
            gone = [(Span(one.lineno, 0, (one.end_lineno or one.lineno) + 1, 0), "") for one in loops.values()]
            unit.become(replace(unit.text, [*spots, *gone]))
            with_imports(unit, names.imports)
            return True
    return False


@strategy(causes=("test-failure", "error", "removed-api"), trust="glance", prior=0.85)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for the functions that an error says have no event loop."""
    found = [site for site in sites(diagnosis, codebase) if "no current event loop" in site.message]
    paths = {place[0] for site in found for place in site.places}

    def change(unit: Unit, path: str) -> bool:
        return path in paths and _ported(unit)

    edits = port(codebase, ("get_event_loop",), change) if paths else ()
    if edits:
        yield Proposal(
            strategy="event_loop",
            title=f"Run coroutines with asyncio.run in {edits[0].path}",
            edits=edits,
            confidence=0.88,
            why="outside of coroutines there is no event loop until one is made (Python 3.12 warns, 3.14 raises).",
        )
