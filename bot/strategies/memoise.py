"""Remember the answers of a function that gives the same answer for the same arguments and asks itself again."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from bot.codebase import Codebase
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._apis import Names, Unit, with_imports
from bot.strategies._bodies import before
from bot.strategies._calls import functions
from bot.strategies._loops import Function, hot_functions
from bot.strategies._statements import dotted
from bot.strategies._text import edit

_PURE = frozenset(
    "len min max sum abs range sorted int float str bool tuple round divmod pow any all zip enumerate reversed ord chr"
    " isinstance frozenset hash map filter".split()
)
_PURE_MODULES = ("math.", "operator.", "itertools.", "functools.reduce")
_IMPURE = (
    ast.Global, ast.Nonlocal, ast.Yield, ast.YieldFrom, ast.Await, ast.With, ast.Delete, ast.Import, ast.ImportFrom,
)  # fmt: skip
_MUTABLE = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)


def _calls_itself(function: Function) -> int:
    return sum(isinstance(n, ast.Call) and dotted(n.func) == function.name for n in ast.walk(function))


def is_pure(function: Function, unit: Unit) -> bool:
    """Return whether a function certainly reads its arguments only, changes nothing, and returns nothing mutable."""
    own = {a.arg for a in ast.walk(function.args) if isinstance(a, ast.arg)}
    local = own | {n.id for n in ast.walk(function) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    return not any(_stains(node, local, function.name, unit) for node in ast.walk(function))


def _stains(node: ast.AST, local: set[str], own: str, unit: Unit) -> bool:
    """Return whether one node makes a function impure."""
    if isinstance(node, ast.Return):
        return isinstance(node.value, _MUTABLE)
    if isinstance(node, ast.Attribute | ast.Subscript):
        return not isinstance(node.ctx, ast.Load)
    if isinstance(node, ast.Call):
        return not _pure_call(node, own, unit)
    if isinstance(node, ast.Name):
        return node.id not in local and isinstance(node.ctx, ast.Load) and _is_variable(node.id, unit)
    return isinstance(node, _IMPURE)


def _is_variable(name: str, unit: Unit) -> bool:
    """Return whether a global name is assigned in the file under a name that is no constant's."""
    stored = {n.id for n in ast.walk(unit.tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    return name in stored and not name.isupper()


def _pure_call(call: ast.Call, own: str, unit: Unit) -> bool:
    name = dotted(call.func)
    return name in _PURE or name == own or unit.origin(call.func).startswith(_PURE_MODULES)


def _fits(function: Function, unit: Unit, path: str, codebase: Codebase) -> bool:
    owner = next((owner for _, node, owner in functions(path, codebase) if node is function), None)
    plain = owner is None and not function.decorator_list and not function.args.vararg and not function.args.kwarg
    return plain and isinstance(function, ast.FunctionDef) and _calls_itself(function) > 1 and is_pure(function, unit)


@strategy(causes=("performance", "recursion-without-cache"), trust="glance", prior=0.85)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for each pure function of the slow code that calls itself more than once."""
    for path, function in hot_functions(diagnosis, codebase):
        unit = Unit(codebase.text(path))
        if not _fits(function, unit, path, codebase):
            continue
        names = Names(unit)
        decorator = names.spell("functools.lru_cache")
        if decorator is None:
            continue
        unit.become(before(unit.text, function, [f"@{decorator}(maxsize=None)"]))
        with_imports(unit, names.imports)
        yield Proposal(
            strategy="memoise",
            title=f"Remember the answers of {function.name}",
            edits=edit(path, codebase.text(path), unit.text),
            confidence=0.85,
            why=f"`{function.name}` is pure and asks itself for the same answers again and again.",
        )
