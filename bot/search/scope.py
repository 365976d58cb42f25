"""What a function has at hand: the names in scope and what they seem to hold, and the expressions it already uses."""

from __future__ import annotations

import ast
import builtins
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cached_property

from bot.search.view import FUNCTIONS, Function, View

SEQUENCES = frozenset({"list", "str", "tuple"})
_CALLS = {
    "len": "int", "range": "range", "sum": "int", "abs": "int", "ord": "int", "int": "int", "float": "float",
    "str": "str", "repr": "str", "chr": "str", "list": "list", "sorted": "list", "dict": "dict", "set": "set",
    "tuple": "tuple", "bool": "bool", "isinstance": "bool", "any": "bool", "all": "bool", "round": "int",
    "input": "str", "enumerate": "iterator", "zip": "iterator", "map": "iterator", "iter": "iterator",
}  # fmt: skip
_METHODS = {
    "append": "list", "extend": "list", "sort": "list", "insert": "list", "add": "set", "items": "dict",
    "keys": "dict", "values": "dict", "get": "dict", "split": "str", "join": "str", "strip": "str", "lower": "str",
    "upper": "str", "startswith": "str", "endswith": "str", "isdigit": "str", "replace": "str", "format": "str",
    "isupper": "str", "islower": "str", "isalpha": "str", "isalnum": "str", "isspace": "str", "title": "str",
    "capitalize": "str", "splitlines": "str", "rstrip": "str", "lstrip": "str", "ljust": "str", "rjust": "str",
}  # fmt: skip
_NODES: dict[type[ast.AST], str] = {
    ast.List: "list", ast.ListComp: "list", ast.Dict: "dict", ast.DictComp: "dict", ast.Set: "set",
    ast.SetComp: "set", ast.Tuple: "tuple", ast.JoinedStr: "str", ast.Compare: "bool", ast.Lambda: "function",
    ast.GeneratorExp: "iterator",
}  # fmt: skip


def within(around: ast.AST) -> Iterator[ast.AST]:
    """Yield all nodes of a function or module in the order of the text; of functions inside only the definition."""
    for child in ast.iter_child_nodes(around):
        yield child
        if not isinstance(child, FUNCTIONS):
            yield from within(child)


class Scope:
    """The names and expressions of one function (or of the module's own statements) in a file."""

    def __init__(self, view: View, node: Function | ast.Module) -> None:
        self.view, self.node = view, node
        self.nodes = tuple(within(node))
        self._sizes: dict[ast.AST, int] = {}

    @cached_property
    def parameters(self) -> tuple[str, ...]:
        """Return the names of the function's parameters in order."""
        if isinstance(self.node, ast.Module):
            return ()
        found = self.node.args
        every = [*found.posonlyargs, *found.args, found.vararg, *found.kwonlyargs, found.kwarg]
        return tuple(argument.arg for argument in every if argument is not None)

    @cached_property
    def assigned(self) -> tuple[str, ...]:
        """Return the names that the function binds, in order of appearance, without those of comprehensions."""
        found: dict[str, None] = {}
        for node in self.nodes:
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and not self._inside_comprehension(node):
                found[node.id] = None
        return tuple(name for name in found if name not in self.parameters)

    def _inside_comprehension(self, node: ast.AST) -> bool:
        return any(isinstance(up, ast.comprehension) for up in self.view.above(node))

    @cached_property
    def outer(self) -> tuple[str, ...]:
        """Return parameters and names of the functions around this one."""
        around = [up for up in self.view.above(self.node) if isinstance(up, FUNCTIONS)]
        return tuple(name for up in around for scope in (Scope(self.view, up),) for name in scope.locals)

    @cached_property
    def locals(self) -> tuple[str, ...]:
        """Return all variables of the function: parameters, then what it binds."""
        return (*self.parameters, *self.assigned)

    @cached_property
    def module(self) -> dict[str, str]:
        """Return the names bound at module level by kind: `function`, `class`, `import` or `variable`."""
        found: dict[str, str] = {}
        for node in self.view.tree.body:
            if isinstance(node, FUNCTIONS):
                found[node.name] = "function"
            elif isinstance(node, ast.ClassDef):
                found[node.name] = "class"
            elif isinstance(node, ast.Import | ast.ImportFrom):
                found.update((alias.asname or alias.name.partition(".")[0], "import") for alias in node.names)
            elif isinstance(node, ast.Assign | ast.AnnAssign):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                found.update((target.id, "variable") for target in targets if isinstance(target, ast.Name))
        return found

    def visible(self, at: ast.AST) -> tuple[str, ...]:
        """Return the variables that may be read at a node: of comprehensions and lambdas around it, own, outer."""
        inner: list[str] = []
        for up in self.view.above(at):
            if up is self.node:
                break
            for part in getattr(up, "generators", ()):
                inner += [node.id for node in ast.walk(part.target) if isinstance(node, ast.Name)]
            if isinstance(up, ast.Lambda):
                inner += [argument.arg for argument in up.args.args]
        gone = self.loop_only - {name for up in self.view.above(at) for name in _targets(up)}
        own = [name for name in self.locals if name not in gone]
        return tuple(dict.fromkeys((*inner, *own, *self.outer)))

    @cached_property
    def inner(self) -> frozenset[str]:
        """Return the names that only comprehensions and lambdas inside the function bind."""
        found = {
            part.id
            for node in self.nodes
            if isinstance(node, ast.comprehension)
            for part in ast.walk(node.target)
            if isinstance(part, ast.Name)
        }
        found |= {one.arg for node in self.nodes if isinstance(node, ast.Lambda) for one in node.args.args}
        return frozenset(found - set(self.locals))

    @cached_property
    def loop_only(self) -> frozenset[str]:
        """Return the names that only `for` loops bind: outside of their loop they are rarely meant."""
        loops = {name for node in self.nodes for name in _targets(node)}
        others = {
            part.id
            for node in self.nodes
            if not isinstance(node, ast.For | ast.AsyncFor)
            for part in (_bound(node) if isinstance(node, ast.stmt) else ())
        }
        return frozenset(loops - others - set(self.parameters))

    @cached_property
    def kinds(self) -> dict[str, str]:
        """Return what each variable seems to hold, from what is assigned to it and what is done with it."""
        found: dict[str, str] = {}
        for _ in range(2):
            for node in self.nodes:
                for name, kind in self._clues(node, found):
                    if kind:
                        found.setdefault(name, kind)
        return found

    def _clues(self, node: ast.AST, known: dict[str, str]) -> Iterator[tuple[str, str]]:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            yield node.targets[0].id, kind_of(node.value, known)
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Tuple):
            values = node.value.elts if isinstance(node.value, ast.Tuple) else ()
            for target, value in zip(node.targets[0].elts, values, strict=False):
                yield getattr(target, "id", ""), kind_of(value, known)
        elif isinstance(node, ast.For) and isinstance(node.target, ast.Name):
            yield node.target.id, {"range": "int", "str": "str"}.get(kind_of(node.iter, known), "")
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.attr in _METHODS:
            yield node.value.id, _METHODS[node.attr]
        elif isinstance(node, ast.Compare) and isinstance(node.left, ast.Name):
            kind = kind_of(node.comparators[0], known)
            yield node.left.id, kind if kind in ("int", "str") and not isinstance(node.ops[0], ast.In) else ""

    @cached_property
    def expressions(self) -> dict[str, ast.expr]:
        """Return the distinct expressions that the function reads, by their source, the most used first."""
        seen: dict[str, ast.expr] = {}
        count: Counter[str] = Counter()
        for node in self.nodes:
            if isinstance(node, ast.expr) and isinstance(getattr(node, "ctx", None) or ast.Load(), ast.Load):
                text = self.view.brief(node)
                if len(text) <= 80:
                    seen.setdefault(text, node)
                    count[text] += 1
        return {text: seen[text] for text, _ in count.most_common()}

    @property
    def attributes(self) -> dict[str, tuple[str, ...]]:
        """Return the attributes that the file uses, by the source of what they are taken from."""
        return self.view.attributes

    @cached_property
    def calls(self) -> tuple[str, ...]:
        """Return the plain names that the file calls, the most used first, then the functions it defines."""
        own = [name for name, kind in self.module.items() if kind in ("function", "class")]
        return tuple(dict.fromkeys([*self.view.called, *own]))

    def size(self, node: ast.AST) -> int:
        """Return how many nodes an expression is made of."""
        if node not in self._sizes:
            self._sizes[node] = sum(not isinstance(part, ast.expr_context) for part in ast.walk(node))
        return self._sizes[node]

    def kind(self, node: ast.expr) -> str:
        """Return what an expression seems to hold, '' when nothing tells."""
        return kind_of(node, self.kinds)


def _targets(node: ast.AST) -> tuple[str, ...]:
    if not isinstance(node, ast.For | ast.AsyncFor):
        return ()
    return tuple(part.id for part in ast.walk(node.target) if isinstance(part, ast.Name))


def _bound(statement: ast.stmt) -> Iterator[ast.Name]:
    for target in (*getattr(statement, "targets", ()), *((statement.target,) if hasattr(statement, "target") else ())):
        yield from (part for part in ast.walk(target) if isinstance(part, ast.Name))


def kind_of(node: ast.expr, known: dict[str, str]) -> str:
    """Return the kind of value that an expression gives, by its form and the known kinds of names; '' if unknown."""
    match node:
        case ast.Constant(value=value):
            kind = type(value).__name__
        case ast.Name(id=name):
            kind = known.get(name, "")
        case ast.Call(func=ast.Name(id=name)):
            kind = _CALLS.get(name, "")
        case ast.BinOp(left=left, right=right):
            kind = _mixed(kind_of(left, known), kind_of(right, known))
        case ast.UnaryOp(op=ast.Not()):
            kind = "bool"
        case ast.UnaryOp(operand=operand):
            kind = kind_of(operand, known)
        case ast.Subscript(value=value, slice=ast.Slice()):
            kind = kind_of(value, known)
        case ast.Subscript(value=value) if kind_of(value, known) == "str":
            kind = "str"
        case _:
            kind = _NODES.get(type(node), "")
    return kind


def _mixed(left: str, right: str) -> str:
    if not (left and right) or left == right:
        return left or right
    if "float" in (left, right):
        return "float"
    return next((kind for kind in (left, right) if kind in SEQUENCES), "int")


def builtin(names: Iterable[str]) -> tuple[str, ...]:
    """Return those of the names that are built in."""
    return tuple(name for name in names if hasattr(builtins, name))
