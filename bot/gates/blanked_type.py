"""Refuses types that are taken away from the type checker: annotations removed or made `Any`, casts to `Any`."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Iterator

from bot.gates._scopes import Function, by_name, dotted, own_nodes, scopes
from bot.proof.change import Change, FileChange, Refusal
from bot.registry import gate

_BLANK = frozenset({"Any", "object"})


@gate(kind="")
def check(change: Change) -> Iterable[Refusal]:
    """Yield one refusal for each annotation that says less than before, and for each new cast to `Any`."""
    for file in change.product:
        after = by_name(file.new_part)
        for scope in scopes(file.old_part):
            if scope.name in after and not _is_overloaded(scope.node):
                yield from _annotations(file, scope.name, _typed(scope.node), _typed(after[scope.name].node))
        yield from _casts(file)


def _typed(node: ast.AST) -> dict[str, tuple[ast.expr | None, int]]:
    """Return the annotation and line of each argument, of the result and of annotated names, by what they annotate."""
    found: dict[str, tuple[ast.expr | None, int]] = {}
    if isinstance(node, Function):
        arguments = node.args
        for each in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
            found[each.arg] = (each.annotation, each.lineno)
        found["the result"] = (node.returns, node.lineno)
    if isinstance(node, Function | ast.ClassDef | ast.Module):
        for inner in own_nodes(node):
            if isinstance(inner, ast.AnnAssign):
                found[dotted(inner.target)] = (inner.annotation, inner.lineno)
    return found


def _is_overloaded(node: ast.AST) -> bool:
    """Return whether a definition is one of several under a name; they can't be told apart by it."""
    return any(dotted(each).endswith("overload") for each in getattr(node, "decorator_list", []))


def _annotations(
    file: FileChange,
    scope: str,
    old: dict[str, tuple[ast.expr | None, int]],
    new: dict[str, tuple[ast.expr | None, int]],
) -> Iterator[Refusal]:
    for name, (was, _) in old.items():
        if was is None or name not in new or dotted(was).rpartition(".")[2] in _BLANK:
            continue
        now, line = new[name]
        if now is None or dotted(now).rpartition(".")[2] in _BLANK:
            what = f"`{ast.unparse(now)}`" if now is not None else "no type"
            yield Refusal(file.path, line, f"{name} in {scope} was `{ast.unparse(was)}` and has {what} now")


def _casting(tree: ast.Module | None) -> Iterator[ast.Call]:
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.Call) and _last(node) == "cast" and node.args and _named(node.args[0]) == "Any":
            yield node


def _named(node: ast.expr) -> str:
    return str(node.value) if isinstance(node, ast.Constant) else _last(node)


def _last(node: ast.expr) -> str:
    return dotted(node).rpartition(".")[2]


def _casts(file: FileChange) -> Iterator[Refusal]:
    known = Counter(ast.dump(node) for node in _casting(file.old_part))
    for node in _casting(file.new_part):
        known[ast.dump(node)] -= 1
        if known[ast.dump(node)] < 0:
            yield Refusal(file.path, node.lineno, f"`{ast.unparse(node)[:120]}` hides a value from the type checker")
