"""What one Python file defines, imports and calls, read from its syntax tree and never by running it."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import Literal

SymbolKind = Literal["function", "class", "method", "variable"]


@dataclass(frozen=True)
class Symbol:
    """A name that a file defines; lines count from 1, `start` is the first decorator's line, `qualname` is dotted."""

    name: str
    qualname: str
    kind: SymbolKind
    file: str
    line: int
    end_line: int
    start: int = 0


@dataclass(frozen=True)
class Import:
    """One import statement: `names` are those taken from `module`, `bound` what they are called in the file.

    `level` counts leading dots, `guarded` tells that it stands in a `try` or under `TYPE_CHECKING`, `nested` that it
    stands in a function or class.
    """

    module: str
    names: tuple[str, ...]
    alias: str
    line: int
    level: int
    bound: tuple[str, ...] = ()
    guarded: bool = False
    nested: bool = False


@dataclass(frozen=True)
class Call:
    """One call: in which function ('' = at the top of the module), of what (dotted, `?` = a computed part), where."""

    caller: str
    name: str
    file: str
    line: int


@dataclass(frozen=True)
class Facts:
    """All that one file tells: symbols, imports and calls, each in the order of their lines."""

    symbols: tuple[Symbol, ...] = ()
    imports: tuple[Import, ...] = ()
    calls: tuple[Call, ...] = ()


@dataclass(frozen=True)
class _Place:
    """Where the reader stands: the dotted prefix, the enclosing function, and what encloses it."""

    prefix: str = ""
    function: str = ""
    in_class: bool = False
    nested: bool = False
    guarded: bool = False


@dataclass
class _Reader:
    file: str
    symbols: list[Symbol] = field(default_factory=list)
    imports: list[Import] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)

    def read(self, tree: ast.Module) -> None:
        """Visit every node once, with a stack of our own: deep code must not end in a recursion error."""
        pending: list[tuple[ast.AST, _Place]] = [(tree, _Place())]
        while pending:
            node, place = pending.pop()
            inner = self._enter(node, place)
            for name in node._fields:
                value = getattr(node, name, None)
                if isinstance(value, ast.AST):
                    pending.append((value, inner))
                elif isinstance(value, list):
                    pending.extend((one, inner) for one in value if isinstance(one, ast.AST))

    def _enter(self, node: ast.AST, place: _Place) -> _Place:
        """Note what a node tells and return where its children stand."""
        match node:
            case ast.Call():
                self.calls.append(Call(place.function, _callee(node.func), self.file, node.lineno))
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                return self._definition(node, place)
            case ast.Assign() | ast.AnnAssign() if place.in_class or not place.prefix:
                self._variables(node, place)
            case ast.Import():
                self._import(node, place)
            case ast.ImportFrom():
                names = tuple(name.name for name in node.names)
                bound = tuple(name.asname or name.name for name in node.names)
                self.imports.append(
                    Import(node.module or "", names, "", node.lineno, node.level, bound, place.guarded, place.nested)
                )
            case ast.Try() | ast.TryStar() | ast.If() if not place.guarded and _guards(node):
                return _Place(place.prefix, place.function, place.in_class, place.nested, True)
        return place

    def _definition(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, place: _Place) -> _Place:
        is_class = isinstance(node, ast.ClassDef)
        kind: SymbolKind = "class" if is_class else "method" if place.in_class else "function"
        name = place.prefix + node.name
        start = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
        end = node.end_lineno or node.lineno
        self.symbols.append(Symbol(node.name, name, kind, self.file, node.lineno, end, start))
        return _Place(f"{name}.", place.function if is_class else name, is_class, True, place.guarded)

    def _variables(self, node: ast.Assign | ast.AnnAssign, place: _Place) -> None:
        end = node.end_lineno or node.lineno
        for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
            for part in ast.walk(target):
                if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
                    name = place.prefix + part.id
                    self.symbols.append(Symbol(part.id, name, "variable", self.file, node.lineno, end, node.lineno))

    def _import(self, node: ast.Import, place: _Place) -> None:
        for name in node.names:
            bound = (name.asname or name.name.partition(".")[0],)
            self.imports.append(
                Import(name.name, (), name.asname or "", node.lineno, 0, bound, place.guarded, place.nested)
            )


def _guards(node: ast.Try | ast.TryStar | ast.If) -> bool:
    if isinstance(node, ast.If):
        return "TYPE_CHECKING" in ast.dump(node.test)
    return bool(node.handlers)


def _callee(node: ast.expr) -> str:
    """Return what is called as dotted text; `?` stands for a part that is computed."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    parts.append(node.id if isinstance(node, ast.Name) else "?")
    return ".".join(reversed(parts))


def facts_of(tree: ast.Module, file: str) -> Facts:
    """Return what a file tells; symbols in functions and classes and nested imports included."""
    reader = _Reader(file)
    reader.read(tree)
    return Facts(
        tuple(sorted(reader.symbols, key=lambda symbol: (symbol.line, symbol.qualname))),
        tuple(sorted(reader.imports, key=lambda one: (one.line, one.module))),
        tuple(sorted(reader.calls, key=lambda call: (call.line, call.name))),
    )
