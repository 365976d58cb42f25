"""Names and scopes of one module, after the rules of the language reference (4.2 Naming and binding)."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator
from dataclasses import dataclass, field

_MODULE_NAMES = frozenset(
    "__name__ __file__ __doc__ __package__ __spec__ __loader__ __path__ __builtins__ __annotations__ __debug__"
    " __dict__ __cached__ WindowsError reveal_type".split()
)
KNOWN = frozenset(dir(builtins)) | _MODULE_NAMES
_SCOPES = (
    ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef, ast.ListComp, ast.SetComp, ast.DictComp,
    ast.GeneratorExp,
)  # fmt: skip
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


@dataclass
class Scope:
    """One scope: its node, what encloses it, the names bound in it, and the names read in it."""

    node: ast.AST
    parent: Scope | None = None
    bound: set[str] = field(default_factory=set)
    read: list[ast.Name] = field(default_factory=list)
    outer: set[str] = field(default_factory=set)
    children: list[Scope] = field(default_factory=list)

    @property
    def is_class(self) -> bool:
        """Return whether the names bound here are invisible to the functions inside."""
        return isinstance(self.node, ast.ClassDef)

    def visible(self) -> set[str]:
        """Return every name that code in this scope can see, builtins left out."""
        names = set(self.bound)
        scope = self.parent
        while scope is not None:
            if not scope.is_class:
                names |= scope.bound
            scope = scope.parent
        return names

    def walk(self) -> Iterator[Scope]:
        """Yield this scope and all inside it, outermost first."""
        yield self
        for child in self.children:
            yield from child.walk()


class _Builder(ast.NodeVisitor):
    def __init__(self, tree: ast.Module) -> None:
        self.module = self.scope = Scope(tree)
        self.star = False

    def _inside(self, node: ast.AST, parts: list[ast.AST], bound: set[str]) -> None:
        scope = Scope(node, self.scope, set(bound))
        self.scope.children.append(scope)
        self.scope = scope
        for part in parts:
            self.visit(part)
        scope.bound -= scope.outer
        self.scope = scope.parent or self.module

    def _bind(self, name: str) -> None:
        scope = self.scope
        while isinstance(scope.node, _COMPREHENSIONS) and scope.parent is not None:
            scope = scope.parent
        target = self.module if name in scope.outer else scope
        target.bound.add(name)

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load):
            self.scope.read.append(node)
        else:
            self.scope.bound.add(node.id)
            if node.id in self.scope.outer:
                self.module.bound.add(node.id)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self._bind(node.target.id)
        self.visit(node.value)

    def _visit_function(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> None:
        arguments = node.args
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        every += [a for a in (arguments.vararg, arguments.kwarg) if a is not None]
        for default in [*arguments.defaults, *(d for d in arguments.kw_defaults if d is not None)]:
            self.visit(default)
        for argument in every:
            if argument.annotation is not None:
                self.visit(argument.annotation)
        bound = {a.arg for a in every} | {getattr(p, "name", "") for p in getattr(node, "type_params", ())}
        if isinstance(node, ast.Lambda):
            self._inside(node, [node.body], bound)
            return
        for decorator in node.decorator_list:
            self.visit(decorator)
        if node.returns is not None:
            self.visit(node.returns)
        self._bind(node.name)
        self._inside(node, list(node.body), bound | {"__class__"})

    visit_FunctionDef = visit_AsyncFunctionDef = visit_Lambda = _visit_function

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        for part in [*node.decorator_list, *node.bases, *node.keywords]:
            self.visit(part)
        self._bind(node.name)
        extra = {getattr(p, "name", "") for p in getattr(node, "type_params", ())}
        self._inside(node, list(node.body), {"__module__", "__qualname__", *extra})

    def _visit_comprehension(self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp) -> None:
        self.visit(node.generators[0].iter)
        parts: list[ast.AST] = []
        for number, generator in enumerate(node.generators):
            parts += [generator.target, *([generator.iter] if number else []), *generator.ifs]
        parts += [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        self._inside(node, parts, set())

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = _visit_comprehension

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            self._bind(alias.asname or alias.name.partition(".")[0])

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        for alias in node.names:
            self.star |= alias.name == "*"
            self._bind(alias.asname or alias.name)

    def _visit_outer(self, node: ast.Global | ast.Nonlocal) -> None:
        self.scope.outer |= set(node.names)
        if isinstance(node, ast.Global):
            self.module.bound |= set(node.names)

    visit_Global = visit_Nonlocal = _visit_outer

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        if node.name:
            self._bind(node.name)
        self.generic_visit(node)

    def visit_MatchAs(self, node: ast.MatchAs) -> None:
        if node.name:
            self._bind(node.name)
        self.generic_visit(node)

    def visit_MatchStar(self, node: ast.MatchStar) -> None:
        if node.name:
            self._bind(node.name)

    def visit_MatchMapping(self, node: ast.MatchMapping) -> None:
        if node.rest:
            self._bind(node.rest)
        self.generic_visit(node)

    def visit_TypeAlias(self, node: ast.AST) -> None:
        self.scope.bound |= {getattr(p, "name", "") for p in getattr(node, "type_params", ())}
        self.generic_visit(node)


def scopes(tree: ast.Module) -> tuple[Scope, bool]:
    """Return the module's scope, and whether a star import hides which names it binds."""
    builder = _Builder(tree)
    for statement in tree.body:
        builder.visit(statement)
    return builder.module, builder.star


def unbound(tree: ast.Module) -> tuple[tuple[ast.Name, Scope], ...]:
    """Return the names that are read where nothing binds them; none when a star import could bind them."""
    module, star = scopes(tree)
    if star:
        return ()
    return tuple(
        (name, scope)
        for scope in module.walk()
        for name in scope.read
        if name.id not in KNOWN and name.id not in scope.visible()
    )
