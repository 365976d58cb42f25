"""What a test claims: every assertion in one canonical form, with where it stands and whether it can be reached."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.gates._canon import canonical
from bot.gates._scopes import Function, Node, Scope, dotted, is_false, is_true, own_nodes

SKIPS = frozenset({"skip", "skipTest", "xfail", "exit", "SkipTest", "importorskip"})
_BROAD = frozenset({"", "Exception", "BaseException", "AssertionError"})
_RAISING = frozenset({"raises", "warns", "assertRaises", "assertRaisesRegex", "assertWarns", "assertWarnsRegex"})


@dataclass(frozen=True)
class Claim:
    """One assertion: `node` is its expression in canonical form, `guard` the control flow around it."""

    node: ast.expr
    line: int
    guard: tuple[str, ...] = ()
    reachable: bool = True

    @property
    def key(self) -> tuple[str, tuple[str, ...], bool]:
        """Return what makes two claims the same: the syntax tree, the way to it, and that it is reached."""
        return ast.dump(self.node), self.guard, self.reachable


def claims(scope: Scope) -> tuple[Claim, ...]:
    """Return the assertions of a scope, without those of functions and classes inside it."""
    return tuple(_block(scope.node.body, (), not scope.dead))


def is_assertion(node: ast.AST) -> bool:
    """Return whether a call asserts something, by the names in its chain (`assert...`, `raises`, `expect`, ...)."""
    if not isinstance(node, ast.Call):
        return False
    names = dotted(node).split(".")
    if _records_only(node):
        return False
    return any(name.startswith(("assert", "expect", "should")) for name in names) or bool(
        {"raises", "warns", "fail", "deprecated_call"} & {names[-1]}
    )


def _records_only(node: ast.AST) -> bool:
    """Return whether a call is `pytest.warns(None)`, which recorded warnings and demanded none."""
    if not isinstance(node, ast.Call) or dotted(node) not in {"pytest.warns", "warns"}:
        return False
    return [ast.dump(each) for each in node.args] == [ast.dump(ast.Constant(None))]


def _block(body: Iterable[ast.stmt], guard: tuple[str, ...], reachable: bool) -> Iterator[Claim]:
    for node in body:
        yield from _statement(node, guard, reachable)
        reachable = reachable and not leaves(node)


def leaves(node: ast.stmt) -> bool:
    """Return whether nothing after a statement of the same block can run."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        return dotted(node.value).rpartition(".")[2] in SKIPS - {"importorskip"}
    if isinstance(node, ast.If) and is_true(node.test):
        return any(leaves(each) for each in node.body)
    return isinstance(node, ast.Return | ast.Raise | ast.Continue | ast.Break)


def _statement(node: ast.stmt, guard: tuple[str, ...], reachable: bool) -> Iterator[Claim]:
    if isinstance(node, Function | ast.ClassDef):
        return
    if isinstance(node, ast.Assert):
        for part in _parts(node.test):
            yield Claim(canonical(part), node.lineno, guard, reachable)
    elif isinstance(node, ast.Raise) and node.exc is not None and dotted(node.exc) == "AssertionError":
        yield Claim(node.exc, node.lineno, guard, reachable)
    elif isinstance(node, ast.With | ast.AsyncWith):
        yield from _with(node, guard, reachable)
    elif isinstance(node, ast.If | ast.For | ast.AsyncFor | ast.While | ast.Try | ast.Match):
        yield from _compound(node, guard, reachable)
    else:
        yield from _calls(node, guard, reachable)


def _parts(test: ast.expr) -> Iterator[ast.expr]:
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
        for value in test.values:
            yield from _parts(value)
    else:
        yield test


def _calls(node: ast.AST, guard: tuple[str, ...], reachable: bool) -> Iterator[Claim]:
    for call in _outermost(node):
        yield Claim(canonical(call), call.lineno, guard, reachable)


def _outermost(node: ast.AST) -> Iterator[ast.Call]:
    """Return assertion calls that are no part of another assertion call."""
    if isinstance(node, ast.Call) and is_assertion(node):
        yield node
        return
    for child in ast.iter_child_nodes(node):
        yield from _outermost(child)


def _with(node: ast.With | ast.AsyncWith, guard: tuple[str, ...], reachable: bool) -> Iterator[Claim]:
    for item in node.items:
        name = dotted(item.context_expr).rpartition(".")[2]
        yield from _calls(item.context_expr, guard, reachable)
        if (name in _RAISING and not _records_only(item.context_expr)) or name == "suppress":
            guard = (*guard, f"with {name}")
    yield from _block(node.body, guard, reachable)


def _compound(node: ast.stmt, guard: tuple[str, ...], reachable: bool) -> Iterator[Claim]:
    if isinstance(node, ast.If):
        yield from _block(node.body, (*guard, "if"), reachable and not is_false(node.test))
        yield from _block(node.orelse, (*guard, "if"), reachable and not is_true(node.test))
    elif isinstance(node, ast.For | ast.AsyncFor | ast.While):
        yield from _block(node.body, (*guard, "loop"), reachable and not _never_entered(node))
        yield from _block(node.orelse, guard, reachable)
    elif isinstance(node, ast.Try):
        inner = (*guard, "try") if any(_swallows(each) for each in node.handlers) else guard
        yield from _block(node.body, inner, reachable)
        for handler in node.handlers:
            yield from _block(handler.body, (*guard, "except"), reachable)
        yield from _block([*node.orelse, *node.finalbody], guard, reachable)
    elif isinstance(node, ast.Match):
        for case in node.cases:
            yield from _block(case.body, (*guard, "case"), reachable)


def _never_entered(node: ast.stmt) -> bool:
    if isinstance(node, ast.While):
        return is_false(node.test)
    if not isinstance(node, ast.For | ast.AsyncFor):
        return False
    over = node.iter
    if isinstance(over, ast.Call) and dotted(over) == "range" and len(over.args) == 1:
        return is_false(over.args[0])
    return is_false(over) or (isinstance(over, ast.List | ast.Tuple | ast.Set) and not over.elts)


def _swallows(handler: ast.ExceptHandler) -> bool:
    """Return whether a handler could keep a failed assertion from being seen."""
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    broad = any((dotted(each) if each else "").rpartition(".")[2] in _BROAD for each in caught)
    return broad and not any(isinstance(each, ast.Raise) for each in ast.walk(handler))


def called_names(node: Node) -> frozenset[str]:
    """Return the last parts of the names that a scope calls."""
    calls = (each for each in own_nodes(node) if isinstance(each, ast.Call))
    return frozenset(dotted(call).rpartition(".")[2] for call in calls)
