"""Code that shares state by accident, recognised in syntax trees: defaults, class attributes, loops, aliases.

Each rule asks for the mutation as well as for the shared object, so that a constant table or a read-only default is
no finding; where names say that sharing is meant (caches, registries, constants), the confidence is low.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from bot.codebase import Codebase
from bot.detectors._seen import Finding

_CHANGES = frozenset(
    {
        "append",
        "add",
        "extend",
        "insert",
        "update",
        "setdefault",
        "pop",
        "popitem",
        "remove",
        "discard",
        "clear",
        "sort",
    }
)
_SHRINKS = frozenset({"remove", "pop", "popitem", "clear", "insert", "discard", "add"})
_MAKERS = frozenset({"list", "dict", "set", "defaultdict", "OrderedDict", "deque", "Counter"})
_MAKERS_OF_OBJECTS = frozenset({"__init__", "__new__", "__post_init__", "__set_name__", "__init_subclass__"})
_MEANT = ("cache", "memo", "registry", "seen", "shared", "instances", "pool")
Function = ast.FunctionDef | ast.AsyncFunctionDef
Hit = tuple[str, str, int, str, bool]  # pattern, function or class, line, what is wrong, whether its name excuses it
SURE, EXCUSED = 0.7, 0.5  # confidence


def mutations(codebase: Codebase, path: str) -> Iterable[Finding]:
    """Yield a finding (severity low) for each place in a file where state is shared and changed; none for tests."""
    tree = None if codebase.is_test(path) else codebase.tree(path)
    for node in ast.walk(tree) if tree else ():
        hits: Iterable[Hit] = ()
        if isinstance(node, Function):
            hits = (*_defaults(node), *_loops(node), *_aliases(node))
        elif isinstance(node, ast.ClassDef):
            hits = _attributes(node)
        yield from (found(path, hit, codebase) for hit in hits)


def found(path: str, hit: Hit, codebase: Codebase) -> Finding:
    """Return a hit in a file as a finding of severity low."""
    pattern, short, line, said, excused = hit
    inside = codebase.function_at(path, line)
    name = inside.qualname if inside and inside.name == short else short
    return Finding(
        type="state",
        cause=f"{pattern}:{path}:{name}:{said}",
        severity="low",
        description=f"{name} in {path}, line {line}: {said}",
        confidence=EXCUSED if excused else SURE,
        handler=name,
        metrics={"pattern": pattern, "file": path, "line": line, "function": name, "class": pattern},
        evidence=(f"{path}:{line}",),
    )


def _is_list_times(node: ast.AST) -> bool:
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult) and isinstance(node.left, ast.List)


def _is_mutable(node: ast.AST | None) -> bool:
    if isinstance(node, (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)):
        return True
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _MAKERS


def _meant(name: str) -> bool:
    return name.isupper() or name.startswith("_") or any(word in name.lower() for word in _MEANT)


def own_nodes(function: Function) -> Iterator[ast.AST]:
    """Yield the nodes of a function's body in the order of the text, without those of functions defined in it."""
    waiting: list[ast.AST] = list(reversed(function.body))
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, (*Function.__args__, ast.Lambda, ast.ClassDef)):
            waiting += reversed(list(ast.iter_child_nodes(node)))


def _defaults(function: Function) -> Iterator[Hit]:
    arguments = function.args
    named = [*arguments.posonlyargs, *arguments.args]
    pairs = [*zip(reversed(named), reversed(arguments.defaults), strict=False)]
    pairs += [
        (arg, default) for arg, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if default
    ]
    for argument, default in pairs:
        if _is_mutable(default) and _first_change(function, argument.arg):
            said = f"the default of {argument.arg} is made once and changed in every call"
            yield "mutable-default", function.name, default.lineno, said, _meant(argument.arg)


def _first_change(function: Function, name: str) -> int:
    """Return the line where the object first bound to `name` is changed, 0 when it is not or is replaced before."""
    for node in own_nodes(function):
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and _rebinds(node, name):
            return 0
        if changes(node, ast.Name, name):
            return int(getattr(node, "lineno", 0))
    return 0


def _rebinds(node: ast.Assign | ast.AnnAssign, name: str) -> bool:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return any(isinstance(target, ast.Name) and target.id == name for target in targets)


def changes(node: ast.AST, kind: type[ast.AST], name: str, *, how: frozenset[str] = _CHANGES) -> bool:
    """Say whether a node changes the object called `name` (a plain name, or an attribute of `self`) in place."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return node.func.attr in how and _is(node.func.value, kind, name)
    if isinstance(node, ast.Delete):
        return any(isinstance(t, ast.Subscript) and _is(t.value, kind, name) for t in node.targets)
    if how is _SHRINKS:
        return False
    if isinstance(node, ast.AugAssign):
        target = node.target.value if isinstance(node.target, ast.Subscript) else node.target
        return _is(target, kind, name)
    if isinstance(node, ast.Assign):
        return any(isinstance(t, ast.Subscript) and _is(t.value, kind, name) for t in node.targets)
    return False


def _is(node: ast.AST, kind: type[ast.AST], name: str) -> bool:
    if kind is ast.Attribute:
        own = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self"
        return own and node.attr == name  # type: ignore[attr-defined]
    return isinstance(node, ast.Name) and node.id == name


def _attributes(node: ast.ClassDef) -> Iterator[Hit]:
    shared = [
        (target.id, statement.lineno)
        for statement in node.body
        if isinstance(statement, ast.Assign) and _is_mutable(statement.value)
        for target in statement.targets
        if isinstance(target, ast.Name)
    ]
    methods = [method for method in node.body if isinstance(method, Function)]
    makers = [method for method in methods if method.name in _MAKERS_OF_OBJECTS]
    for name, line in shared:
        inside = [part for method in methods for part in own_nodes(method)]
        own = any(_assigns(part, name) for method in makers for part in own_nodes(method))
        if not own and any(changes(p, ast.Attribute, name) for p in inside):
            said = f"{name} belongs to the class and is changed through self, for every object at once"
            excused = _meant(name) or any(_assigns(part, name) for part in inside)
            yield "shared-class-attribute", node.name, line, said, excused


def _assigns(node: ast.AST, name: str) -> bool:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return any(_is(target, ast.Attribute, name) for target in targets)


def _loops(function: Function) -> Iterator[Hit]:
    for node in own_nodes(function):
        if isinstance(node, ast.For) and isinstance(node.iter, ast.Name):
            name = node.iter.id
            line = _change_in(node.body, name)
            if line:
                yield (
                    "mutation-while-iterating",
                    function.name,
                    line,
                    f"{name} is changed while it is iterated over",
                    False,
                )


def _change_in(body: list[ast.stmt], name: str) -> int:
    """Return the line of a change that the loop goes on after, else 0: a change right before leaving is harmless."""
    for position, statement in enumerate(body):
        simple = isinstance(statement, (ast.Expr, ast.Delete, ast.Assign))
        if simple and any(changes(part, ast.Name, name, how=_SHRINKS) for part in ast.walk(statement)):
            leaves = any(isinstance(s, (ast.Break, ast.Return, ast.Raise)) for s in body[position + 1 :])
            if not leaves:
                return statement.lineno
        if isinstance(statement, ast.Assign) and _rebinds(statement, name):
            return 0
        for inner in ("body", "orelse", "finalbody"):
            nested = getattr(statement, inner, [])
            line = _change_in(nested, name) if nested and not isinstance(statement, ast.ClassDef | Function) else 0
            if line and not isinstance(body[-1], (ast.Break, ast.Return)):
                return line
    return 0


def _aliases(function: Function) -> Iterator[Hit]:
    """Yield lists and dictionaries of one repeated object, where an element is changed or the whole is given away."""
    nodes = list(own_nodes(function))
    for node in nodes:
        said = _repeated(getattr(node, "value", None)) if isinstance(node, (ast.Assign, ast.Return)) else ""
        if said and (_given_away(node) or any(_changes_inside(part, name) for name in _names(node) for part in nodes)):
            yield "aliasing", function.name, int(getattr(node, "lineno", 0)), said, False


def _repeated(node: ast.AST | None) -> str:
    if isinstance(node, ast.BinOp) and isinstance(node.left, ast.List) and _is_list_times(node):
        inner = any(_is_mutable(element) or _is_list_times(element) for element in node.left.elts)
        return "every element of the multiplied list is the same object" if inner else ""
    return "every key of dict.fromkeys shares one value object" if _shares_value(node) else ""


def _shares_value(node: ast.AST | None) -> bool:
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and len(node.args) == 2):
        return False
    return node.func.attr == "fromkeys" and _is(node.func.value, ast.Name, "dict") and _is_mutable(node.args[1])


def _given_away(node: ast.AST) -> bool:
    return isinstance(node, ast.Return) or (
        isinstance(node, ast.Assign) and any(isinstance(target, ast.Attribute) for target in node.targets)
    )


def _names(node: ast.AST) -> list[str]:
    targets = node.targets if isinstance(node, ast.Assign) else []
    return [target.id for target in targets if isinstance(target, ast.Name)]


def _changes_inside(node: ast.AST, name: str) -> bool:
    """Say whether a node changes an element of the object called `name`: `name[i][j] = ...`, `name[k].append(...)`."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _CHANGES:
        return isinstance(node.func.value, ast.Subscript) and _is(node.func.value.value, ast.Name, name)
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AugAssign) else []
    inner = [t.value for t in targets if isinstance(t, ast.Subscript) and isinstance(t.value, ast.Subscript)]
    return any(_is(part.value, ast.Name, name) for part in inner)
