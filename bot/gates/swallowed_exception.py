"""Refuses a new handler that catches everything, makes an error go away, or is widened so that it does.

A specific handler that really handles is welcome: it raises again, falls back on a value that was computed, answers
a yes-or-no question, ends an iteration, or stands around an optional import.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Iterator

from bot.gates._handlers import BROAD, Handler, handlers, is_tidying, only_reports
from bot.gates._scopes import by_name, dotted, is_true, scopes
from bot.proof.change import Change, FileChange, Refusal
from bot.registry import gate


@gate(kind="")
def check(change: Change) -> Iterable[Refusal]:
    """Yield one refusal for each handler and each `suppress` that is new or wider and hides errors."""
    for file in change.python:
        yield from _handlers(file)
        yield from _suppressed(file)
        yield from _finally(file)
        yield from _exits(file)
        yield from _unchecked(file)
        yield from _unraised(file)


def _covers(old: Handler, new: Handler) -> bool:
    """Return whether a handler did the same before for at least the same errors."""
    return old.body == new.body and (old.catches >= new.catches or bool(old.catches & BROAD))


def _handlers(file: FileChange) -> Iterator[Refusal]:
    known = list(handlers(file.old_part))
    for handler in handlers(file.new_part):
        same = next((each for each in known if _covers(each, handler)), None)
        if same is not None:
            known.remove(same)
        elif handler.is_broad or handler.catches & _aliases(file.new):
            yield Refusal(file.path, handler.node.lineno, f"`{_spelt(handler)}` catches every error")
        elif handler.swallows:
            yield Refusal(file.path, handler.node.lineno, f"`{_spelt(handler)}` makes the error go away")


def _aliases(tree: ast.Module | None) -> set[str]:
    """Return the names that a module gives to the classes that catch everything."""
    found: set[str] = set()
    for node in tree.body if tree is not None else ():
        if isinstance(node, ast.Assign) and _names_broad(node.value):
            found.update(each.id for each in node.targets if isinstance(each, ast.Name))
    return found


def _names_broad(node: ast.expr) -> bool:
    parts = node.elts if isinstance(node, ast.Tuple) else [node]
    return any(dotted(each).rpartition(".")[2] in BROAD - {""} for each in parts)


def _spelt(handler: Handler) -> str:
    return f"except {ast.unparse(handler.node.type)}" if handler.node.type else "except"


def _suppressing(tree: ast.AST | None) -> Iterator[ast.Call]:
    tidy = {
        item.context_expr
        for node in (ast.walk(tree) if tree is not None else ())
        if isinstance(node, ast.With | ast.AsyncWith)
        for item in node.items
        if isinstance(item.context_expr, ast.Call) and is_tidying(_named(item.context_expr), node.body)
    }
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.Call) and dotted(node).rpartition(".")[2] == "suppress" and node not in tidy:
            yield node


def _named(node: ast.Call) -> set[str]:
    """Return the last names of a call's arguments."""
    return {dotted(each).rpartition(".")[2] for each in node.args}


def _suppressed(file: FileChange) -> Iterator[Refusal]:
    known = Counter(ast.dump(each) for each in _suppressing(file.old_part))
    passing = Counter(name for each in handlers(file.old_part) if each.swallows for name in each.catches)
    for node in _suppressing(file.new_part):
        known[ast.dump(node)] -= 1
        names = _named(node)
        if known[ast.dump(node)] < 0 and not all(passing[name] for name in names):
            yield Refusal(file.path, node.lineno, f"`{ast.unparse(node)}` makes errors go away")


def _unraised(file: FileChange) -> Iterator[Refusal]:
    """Yield conditions that raised before and now let the wrong value through with a word or none."""
    raised = {ast.dump(node.test) for node in _conditions(file.old_part) if isinstance(node.body[-1], ast.Raise)}
    for node in _conditions(file.new_part):
        if ast.dump(node.test) in raised and all(only_reports(each) for each in node.body):
            yield Refusal(file.path, node.lineno, f"`if {ast.unparse(node.test)}` raises nothing any more")


def _conditions(tree: ast.AST | None) -> Iterator[ast.If]:
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.If):
            yield node


def _leaving(tree: ast.AST | None) -> Iterator[ast.stmt]:
    """Return statements in a `finally` that drop the error on its way out."""
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.Try):
            inside = (each for top in node.finalbody for each in ast.walk(top))
            yield from (each for each in inside if isinstance(each, ast.Return | ast.Break | ast.Continue))


def _finally(file: FileChange) -> Iterator[Refusal]:
    known = Counter(ast.dump(each) for each in _leaving(file.old_part))
    for node in _leaving(file.new_part):
        known[ast.dump(node)] -= 1
        if known[ast.dump(node)] < 0:
            yield Refusal(file.path, node.lineno, f"`{ast.unparse(node)}` in `finally` drops the error on its way")


def _exits(file: FileChange) -> Iterator[Refusal]:
    """Yield context managers that newly swallow what is raised in them: an `__exit__` that returns true."""
    before = by_name(file.old_part)
    for scope in scopes(file.new_part):
        if scope.name.rpartition(".")[2] not in {"__exit__", "__aexit__"}:
            continue
        known = before.get(scope.name)
        if known is None or not _returns_true(known.node):
            for node in _returns_true(scope.node):
                yield Refusal(file.path, node.lineno, f"{scope.name} swallows every error raised inside")


def _returns_true(node: ast.AST) -> list[ast.Return]:
    returns = (each for each in ast.walk(node) if isinstance(each, ast.Return))
    return [each for each in returns if each.value is not None and is_true(each.value)]


def _checked(tree: ast.Module | None) -> Counter[str]:
    """Return the commands whose failure is raised (`check=True`), with how often."""
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call)) if tree is not None else ()
    return Counter(
        f"{dotted(node)} {ast.unparse(node.args[0]) if node.args else ''}"
        for node in calls
        if any(each.arg == "check" and is_true(each.value) for each in node.keywords)
    )


def _unchecked(file: FileChange) -> Iterator[Refusal]:
    """Yield commands that are still run and whose failure is no longer raised."""
    left = _checked(file.old_part) - _checked(file.new_part)
    for node in ast.walk(file.new_part) if file.new_part is not None else ():
        if isinstance(node, ast.Call):
            name = f"{dotted(node)} {ast.unparse(node.args[0]) if node.args else ''}"
            if left[name] > 0:
                left[name] -= 1
                yield Refusal(file.path, node.lineno, f"a failure of `{name}` is no longer raised")
