"""Ask a set instead of a list whether it holds something, inside loops."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from bot.codebase import Codebase
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._bodies import before
from bot.strategies._loops import Function, Loop, changed_in, fresh, hot_functions, outer_loops
from bot.strategies._statements import dotted
from bot.strategies._text import attribute_span, edit, replace, source

_LISTS = frozenset({"list", "sorted"})
_SEQUENCES = ("list", "List", "tuple", "Tuple", "Sequence")


def _is_list(node: ast.AST | None) -> bool:
    call = isinstance(node, ast.Call) and dotted(node.func) in _LISTS
    return call or isinstance(node, ast.List | ast.ListComp)


_Comprehension = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def _repeating(body: list[ast.stmt]) -> Iterator[Loop | ast.stmt]:
    """Yield the outermost loops, and the simple statements that hold a comprehension."""
    yield from outer_loops(body)
    for statement in _simple(body):
        if any(isinstance(node, _Comprehension) for node in ast.walk(statement)):
            yield statement


def _simple(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield the statements outside of loops that hold no other statements."""
    for statement in body:
        blocks = [getattr(statement, field, []) for field in ("body", "orelse", "finalbody")]
        blocks += [handler.body for handler in getattr(statement, "handlers", [])]
        if not any(blocks):
            yield statement
        elif not isinstance(statement, Loop | Function | ast.ClassDef):
            for block in blocks:
                yield from _simple(block)


def _lists(function: Function) -> dict[str, ast.Assign | None]:
    """Return the names that only ever hold lists: assigned once, or given and annotated so."""
    found: dict[str, ast.Assign | None] = {
        a.arg: None
        for a in [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
        if a.annotation is not None and ast.unparse(a.annotation).startswith(_SEQUENCES)
    }
    assigned: dict[str, list[ast.Assign]] = {}
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            assigned.setdefault(node.targets[0].id, []).append(node)
    return found | {name: all_[0] for name, all_ in assigned.items() if len(all_) == 1 and _is_list(all_[0].value)}


def _tests(loop: ast.AST, name: str) -> list[ast.Name]:
    """Return the places that ask whether something is in a list: all in a loop, else those in comprehensions."""
    whole = isinstance(loop, Loop | Function)
    parts = [loop] if whole else [node for node in ast.walk(loop) if isinstance(node, _Comprehension)]
    nodes = dict.fromkeys(node for part in parts for node in ast.walk(part))
    return [
        node.comparators[0]
        for node in nodes
        if isinstance(node, ast.Compare) and len(node.ops) == 1 and isinstance(node.ops[0], ast.In | ast.NotIn)
        and isinstance(node.comparators[0], ast.Name) and node.comparators[0].id == name
    ]  # fmt: skip


def _only_collected(function: Function, name: str, made: ast.Assign) -> list[ast.Attribute] | None:
    """Return the `.append`s of a list that is only asked and appended to, None when it is used otherwise."""
    accounted = {id(node) for node in _tests(function, name)} | {id(made.targets[0])}
    appends: list[ast.Attribute] = []
    for node in ast.walk(function):
        target = node.value.func if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) else None
        if isinstance(target, ast.Attribute) and target.attr == "append" and dotted(target.value) == name:
            appends.append(target)
            accounted.add(id(target.value))
    uses = {id(node) for node in ast.walk(function) if isinstance(node, ast.Name) and node.id == name}
    return appends if uses <= accounted else None


def _collected(text: str, function: Function, name: str, made: ast.Assign) -> str | None:
    """Return the text with a list that starts empty and is only asked and appended to made a set."""
    empty = isinstance(made.value, ast.List) and not made.value.elts
    appends = _only_collected(function, name, made) if empty else None
    if not appends:
        return None
    return replace(text, [(made.value, "set()"), *((attribute_span(append), "add") for append in appends)])


def _hoisted(text: str, function: Function, loop: Loop | ast.stmt, name: str) -> str | None:
    """Return the text with a set made in front of the loop and asked inside."""
    tests = _tests(loop, name)
    if not tests or changed_in(loop, name):
        return None
    asked = fresh(f"{name}_set", function)
    return before(replace(text, [(test, asked) for test in tests]), loop, [f"{asked} = set({name})"])


def _rewritten(text: str, function: Function) -> Iterator[str]:
    for name, made in _lists(function).items():
        for loop in _repeating(function.body):
            if not _tests(loop, name):
                continue
            text_ = _hoisted(text, function, loop, name)
            if text_ is None and made is not None:
                text_ = _collected(text, function, name, made)
            if text_ is not None:
                yield text_
    for loop in outer_loops(function.body):
        constants = [
            node.comparators[0]
            for node in ast.walk(loop)
            if isinstance(node, ast.Compare) and len(node.ops) == 1 and isinstance(node.ops[0], ast.In | ast.NotIn)
            and isinstance(node.comparators[0], ast.List) and len(node.comparators[0].elts) > 3
            and all(isinstance(element, ast.Constant) for element in node.comparators[0].elts)
        ]  # fmt: skip
        if constants:
            yield replace(text, [(node, "{" + source(text, node)[1:-1] + "}") for node in constants])


@strategy(causes=("performance", "quadratic-membership"), trust="glance", prior=0.8)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for each list that a loop of the slow code asks again and again."""
    for path, function in hot_functions(diagnosis, codebase):
        text = codebase.text(path)
        for new in _rewritten(text, function):
            yield Proposal(
                strategy="set_membership",
                title=f"Ask a set instead of a list in {function.name}",
                edits=edit(path, text, new),
                confidence=0.8,
                why="a list is searched from its start for every question; a set finds the answer at once.",
            )
