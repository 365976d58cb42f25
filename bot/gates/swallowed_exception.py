"""Refuses a new handler that catches everything, makes an error go away, or is widened so that it does.

A specific handler that really handles is welcome: it raises again, falls back on a value that was computed, answers
a yes-or-no question, ends an iteration, or stands around an optional import.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Iterator

from bot.gates._handlers import BROAD, Handler, handlers
from bot.gates._scopes import dotted
from bot.proof.change import Change, FileChange, Refusal
from bot.registry import gate


@gate(kind="")
def check(change: Change) -> Iterable[Refusal]:
    """Yield one refusal for each handler and each `suppress` that is new or wider and hides errors."""
    for file in change.python:
        yield from _handlers(file)
        yield from _suppressed(file)
        yield from _finally(file)


def _covers(old: Handler, new: Handler) -> bool:
    """Return whether a handler did the same before for at least the same errors."""
    return old.body == new.body and (old.catches >= new.catches or bool(old.catches & BROAD))


def _handlers(file: FileChange) -> Iterator[Refusal]:
    known = list(handlers(file.old))
    for handler in handlers(file.new):
        same = next((each for each in known if _covers(each, handler)), None)
        if same is not None:
            known.remove(same)
        elif handler.is_broad:
            yield Refusal(file.path, handler.node.lineno, f"`{_spelt(handler)}` catches every error")
        elif handler.swallows:
            yield Refusal(file.path, handler.node.lineno, f"`{_spelt(handler)}` makes the error go away")


def _spelt(handler: Handler) -> str:
    return f"except {ast.unparse(handler.node.type)}" if handler.node.type else "except"


def _suppressing(tree: ast.AST | None) -> Iterator[ast.Call]:
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.Call) and dotted(node).rpartition(".")[2] == "suppress":
            yield node


def _suppressed(file: FileChange) -> Iterator[Refusal]:
    known = Counter(ast.dump(each) for each in _suppressing(file.old))
    passing = Counter(name for each in handlers(file.old) if each.swallows for name in each.catches)
    for node in _suppressing(file.new):
        known[ast.dump(node)] -= 1
        names = {dotted(each).rpartition(".")[2] for each in node.args}
        if known[ast.dump(node)] < 0 and not all(passing[name] for name in names):
            yield Refusal(file.path, node.lineno, f"`{ast.unparse(node)}` makes errors go away")


def _leaving(tree: ast.AST | None) -> Iterator[ast.stmt]:
    """Return statements in a `finally` that drop the error on its way out."""
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.Try):
            inside = (each for top in node.finalbody for each in ast.walk(top))
            yield from (each for each in inside if isinstance(each, ast.Return))


def _finally(file: FileChange) -> Iterator[Refusal]:
    known = Counter(ast.dump(each) for each in _leaving(file.old))
    for node in _leaving(file.new):
        known[ast.dump(node)] -= 1
        if known[ast.dump(node)] < 0:
            yield Refusal(file.path, node.lineno, "`return` in `finally` drops the error on its way")
