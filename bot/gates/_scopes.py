"""Functions and classes of a syntax tree by their qualified name, and which of them a runner collects as tests."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

Function = ast.FunctionDef | ast.AsyncFunctionDef
Node = Function | ast.ClassDef | ast.Module
MODULE = "<module>"
_NO_TESTS = frozenset({"fixture", "property", "contextmanager", "cached_property"})


@dataclass(frozen=True)
class Scope:
    """One module, class or function: `dead` is true under a condition that never holds, `guards` are all conditions."""

    name: str
    node: Node
    owners: tuple[ast.ClassDef, ...] = ()
    dead: bool = False
    nested: bool = False
    guards: tuple[str, ...] = ()

    @property
    def line(self) -> int:
        """Return the line of the definition, 1 for the module."""
        return getattr(self.node, "lineno", 1)

    @property
    def is_test(self) -> bool:
        """Return whether pytest or unittest would collect it as a test, by their default names."""
        if not isinstance(self.node, Function) or not self.node.name.startswith("test"):
            return False
        hidden = any(dotted(each).rpartition(".")[2] in _NO_TESTS for each in self.node.decorator_list)
        return not (hidden or self.dead or self.nested) and all(collects(owner) for owner in self.owners)


def collects(node: ast.ClassDef) -> bool:
    """Return whether a class is collected: named Test... without a constructor, or derived from a TestCase."""
    if any(dotted(base).rpartition(".")[2].endswith(("TestCase", "Tests", "Test", "Base")) for base in node.bases):
        return True
    made = any(isinstance(each, Function) and each.name == "__init__" for each in node.body)
    return node.name.startswith("Test") and not made


def scopes(tree: ast.Module | None) -> tuple[Scope, ...]:
    """Return the module and all classes and functions in it, outermost first; empty for no tree."""
    return () if tree is None else (Scope(MODULE, tree), *_walk(tree.body, Scope("", tree)))


def by_name(tree: ast.Module | None) -> dict[str, Scope]:
    """Return the scopes by qualified name; of two with one name the later wins, as it does when the code runs."""
    return {scope.name: scope for scope in scopes(tree)}


def _walk(body: Iterable[ast.AST], outer: Scope) -> Iterator[Scope]:
    for node in body:
        if isinstance(node, Function | ast.ClassDef):
            scope = _inner(node, outer)
            yield scope
            yield from _walk(node.body, scope)
        elif isinstance(node, ast.If):
            test = ast.dump(node.test)
            yield from _walk(node.body, _under(outer, test, dead=is_false(node.test)))
            yield from _walk(node.orelse, _under(outer, f"not {test}", dead=is_true(node.test)))
        elif not isinstance(node, ast.expr):
            yield from _walk(ast.iter_child_nodes(node), outer)


def _inner(node: Function | ast.ClassDef, outer: Scope) -> Scope:
    owners = (*outer.owners, node) if isinstance(node, ast.ClassDef) else outer.owners
    name = f"{outer.name}.{node.name}" if outer.name else node.name
    return Scope(name, node, owners, outer.dead, outer.nested or isinstance(outer.node, Function), outer.guards)


def _under(scope: Scope, guard: str, *, dead: bool) -> Scope:
    guards = (*scope.guards, guard)
    return Scope(scope.name, scope.node, scope.owners, scope.dead or dead, scope.nested, guards)


def is_false(node: ast.expr) -> bool:
    """Return whether an expression never holds, as far as its text alone tells."""
    return isinstance(node, ast.Constant) and not node.value


def is_true(node: ast.expr) -> bool:
    """Return whether an expression always holds, as far as its text alone tells."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return is_false(node.operand)
    return isinstance(node, ast.Constant) and bool(node.value)


def dotted(node: ast.AST) -> str:
    """Return the dotted name that an expression spells, through calls and subscripts; '' for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        inner = dotted(node.value)
        return f"{inner}.{node.attr}" if inner else node.attr
    if isinstance(node, ast.Call):
        return dotted(node.func)
    return dotted(node.value) if isinstance(node, ast.Subscript) else ""


def own_nodes(node: Node) -> Iterator[ast.AST]:
    """Return all nodes of a scope in the order of the text, without those of functions and classes inside it."""
    body: list[ast.AST] = list(node.body)
    if isinstance(node, Function):
        body = [node.args, *body]
    for each in body:
        yield from _own(each)


def _own(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, Function | ast.ClassDef):
        return
    yield node
    for child in ast.iter_child_nodes(node):
        yield from _own(child)


def without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    """Return the statements of a body but for texts that stand alone, `...` and `pass`."""
    return [each for each in body if not _says_nothing(each)]


def _says_nothing(node: ast.stmt) -> bool:
    return isinstance(node, ast.Pass) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
