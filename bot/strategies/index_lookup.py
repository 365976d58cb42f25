"""Look partners up in an index instead of going through the whole collection for each element."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from bot.codebase import Codebase
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._bodies import before
from bot.strategies._loops import Function, bound_in, changed_in, fresh, hot_functions, outer_loops, reads
from bot.strategies._statements import dotted
from bot.strategies._text import edit, replace, source


def _keys(inner: ast.For) -> tuple[ast.expr, ast.expr] | None:
    """Return (key of the inner element, what it must equal) when the inner loop is one `if a == b`."""
    only = inner.body[0] if len(inner.body) == 1 and not inner.orelse else None
    if not isinstance(only, ast.If) or only.orelse:
        return None
    test = only.test.values[0] if isinstance(only.test, ast.BoolOp) and isinstance(only.test.op, ast.And) else only.test
    if not isinstance(test, ast.Compare) or len(test.ops) != 1 or not isinstance(test.ops[0], ast.Eq):
        return None
    mine = bound_in(inner.target)
    sides = (test.left, test.comparators[0])
    for key, wanted in (sides, sides[::-1]):
        if reads(key) & mine and not reads(wanted) & mine and not reads(key) - mine:
            return key, wanted
    return None


def _indexed(text: str, function: Function) -> Iterator[str]:
    for outer in outer_loops(function.body):
        for inner in (n for n in ast.walk(outer) if isinstance(n, ast.For) and n is not outer):
            keys, collection = _keys(inner), dotted(inner.iter)
            if not keys or not collection or changed_in(outer, collection) or not isinstance(inner.target, ast.Name):
                continue
            element = inner.target.id
            index = fresh(f"{collection.rpartition('.')[2]}_by_key", function)
            made = [
                f"{index} = {{}}",
                f"for {element} in {collection}:",
                f"    {index}.setdefault({source(text, keys[0])}, []).append({element})",
            ]
            new = replace(text, [(inner.iter, f"{index}.get({source(text, keys[1])}, ())")])
            yield before(new, outer, made)


@strategy(causes=("performance", "nested-scan"), trust="glance", prior=0.7)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for each loop in a loop of the slow code that looks for equal keys."""
    for path, function in hot_functions(diagnosis, codebase):
        text = codebase.text(path)
        for new in _indexed(text, function):
            yield Proposal(
                strategy="index_lookup",
                title=f"Look partners up in an index in {function.name}",
                edits=edit(path, text, new),
                confidence=0.75,
                why="every element goes through the whole other collection; an index finds its partners at once.",
            )
