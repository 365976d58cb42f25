"""Await independent coroutines together instead of one after the other."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from bot.codebase import Codebase
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._apis import Names, Unit, with_imports
from bot.strategies._loops import Function, hot_functions, reads
from bot.strategies._statements import dotted
from bot.strategies._text import Span, edit, replace, source


def _awaited(statement: ast.stmt) -> tuple[str, ast.Call] | None:
    """Return (name, call) of a statement `name = await call(...)`."""
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
        return None
    target, value = statement.targets[0], statement.value
    if isinstance(target, ast.Name) and isinstance(value, ast.Await) and isinstance(value.value, ast.Call):
        return target.id, value.value
    return None


def _runs(block: list[ast.stmt]) -> Iterator[list[tuple[ast.stmt, str, ast.Call]]]:
    """Yield the runs of two or more such statements in which none reads what another one gives."""
    run: list[tuple[ast.stmt, str, ast.Call]] = []
    for statement in [*block, ast.Pass()]:
        found = _awaited(statement)
        free = found is not None and not reads(found[1]) & {name for _, name, _ in run}
        if found and free:
            run.append((statement, *found))
            continue
        if len(run) > 1:
            yield run
        run = [(statement, *found)] if found else []


def _blocks(function: Function) -> Iterator[list[ast.stmt]]:
    for node in ast.walk(function):
        for field in ("body", "orelse", "finalbody"):
            block = getattr(node, field, None)
            if isinstance(block, list) and block and isinstance(block[0], ast.stmt):
                yield block


def _loop(statement: ast.stmt) -> tuple[ast.For, str, ast.Call] | None:
    """Return (loop, list, call) of a loop whose only work is `list.append(await call(...))`."""
    if not isinstance(statement, ast.For) or len(statement.body) != 1 or statement.orelse:
        return None
    only = statement.body[0]
    call = only.value if isinstance(only, ast.Expr) else None
    if not isinstance(call, ast.Call) or len(call.args) != 1 or not isinstance(call.args[0], ast.Await):
        return None
    target, awaited = call.func, call.args[0].value
    if isinstance(target, ast.Attribute) and target.attr == "append" and isinstance(awaited, ast.Call):
        return statement, dotted(target.value), awaited
    return None


def _changes(unit: Unit, function: Function, gather: str) -> Iterator[tuple[Span | ast.AST, str]]:
    for block in _blocks(function):
        for run in _runs(block):
            first, last = run[0][0], run[-1][0]
            span = Span(first.lineno, first.col_offset, last.end_lineno or 0, last.end_col_offset or 0)
            names = ", ".join(name for _, name, _ in run)
            yield span, f"{names} = await {gather}({', '.join(source(unit.text, call) for _, _, call in run)})"
        for statement in block:
            found = _loop(statement)
            if found and found[1]:
                loop, name, call = found
                head = f"{source(unit.text, loop.target)} in {source(unit.text, loop.iter)}"
                yield loop, f"{name}.extend(await {gather}(*({source(unit.text, call)} for {head})))"


@strategy(causes=("performance", "sequential-awaits"), trust="review", prior=0.6)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for each slow coroutine function that waits for one thing after the other."""
    for path, function in hot_functions(diagnosis, codebase):
        if not isinstance(function, ast.AsyncFunctionDef):
            continue
        unit = Unit(codebase.text(path))
        names = Names(unit)
        gather = names.spell("asyncio.gather")
        changes = list(_changes(unit, function, gather)) if gather else []
        if changes:
            unit.become(replace(unit.text, changes))
            with_imports(unit, names.imports)
            yield Proposal(
                strategy="gather_awaits",
                title=f"Await together what {function.name} awaits in turn",
                edits=edit(path, codebase.text(path), unit.text),
                confidence=0.65,
                why="none of these reads what another one gives, so that they can run at the same time.",
            )
