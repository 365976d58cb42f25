"""Make the datetimes of now aware of their zone where they meet aware ones."""

from __future__ import annotations

import ast
from collections.abc import Iterable

import re2

from bot.codebase import Codebase
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._apis import Names, Unit, with_imports
from bot.strategies._places import functions_at_fault
from bot.strategies._sites import named
from bot.strategies._text import edit, replace

_MIXED = re2.compile(r"can't (?:compare|subtract) offset-(?:naive and offset-aware|aware and offset-naive) datetimes")
_NOW = frozenset({"datetime.datetime.now", "datetime.datetime.utcnow", "datetime.datetime.today"})


def _aware(unit: Unit, lines: range) -> bool:
    """Rewrite the calls for now on these lines; return whether there were any."""
    calls = [
        node
        for node in ast.walk(unit.tree)
        if isinstance(node, ast.Call) and unit.origin(node.func) in _NOW and not node.args and not node.keywords
        and node.lineno in lines
    ]  # fmt: skip
    names = Names(unit)
    now, zone = names.spell("datetime.datetime"), names.spell("datetime.timezone")
    if not calls or now is None or zone is None:
        return False
    unit.become(replace(unit.text, [(call, f"{now}.now({zone}.utc)") for call in calls]))
    with_imports(unit, names.imports)
    return True


@strategy(causes=("test-failure", "error"), trust="glance", prior=0.75)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for each function at fault that asks for a naive now."""
    if not any(_MIXED.search(site.message) for site in named(diagnosis, codebase, "TypeError")):
        return
    for path, function in functions_at_fault(diagnosis, codebase):
        unit = Unit(codebase.text(path))
        if _aware(unit, range(function.lineno, (function.end_lineno or function.lineno) + 1)):
            yield Proposal(
                strategy="naive_datetime",
                title=f"Ask for the time in UTC in {function.name}",
                edits=edit(path, codebase.text(path), unit.text),
                confidence=0.8,
                why="a datetime without a zone can't be compared with one that has a zone.",
            )
