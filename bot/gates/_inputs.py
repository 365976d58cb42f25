"""What an existing test works with besides its assertions: the values it sets up and the calls it makes."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator

from bot.gates._claims import is_assertion
from bot.gates._scopes import Function, Scope, dotted

PATCHING = frozenset(
    {"patch", "object", "setattr", "setitem", "delattr", "Mock", "MagicMock", "AsyncMock", "create_autospec", "stub"}
    | {"PropertyMock", "when", "flexmock", "spy", "patch_object", "multiple", "dict"}
)
_COSMETIC = frozenset({"format", "list", "dict", "tuple", "set", "str", "keys", "open", "super", "encode", "decode"})
_FORMATTING = frozenset({"format", "open", "encode", "decode", "catch_warnings", "warns"})


def values(scope: Scope) -> Counter[str]:
    """Return the constants of a function outside its assertions, with how often each occurs.

    Texts that only build other texts (f-strings, templates, file modes) and values of names that nobody reads are left
    out: those differ between spellings of the same test.
    """
    read = {node.id for node in ast.walk(scope.node) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    return Counter(repr(each) for part in _parts(scope) for each in _constants(part, read))


def _parts(scope: Scope) -> list[ast.AST]:
    """Return the body of a function and the defaults of its arguments; annotations and decorators are left out."""
    body = ast.Module(body=list(scope.node.body), type_ignores=[])
    if not isinstance(scope.node, Function):
        return [body]
    defaults = [each for each in (*scope.node.args.defaults, *scope.node.args.kw_defaults) if each is not None]
    return [body, ast.Tuple(elts=defaults, ctx=ast.Load())]


def _constants(node: ast.AST, read: set[str]) -> Iterator[object]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Constant):
            yield child.value
        elif not _is_neutral(child, read):
            yield from _constants(child, read)


def _is_neutral(node: ast.AST, read: set[str]) -> bool:
    if isinstance(node, ast.Call):
        return dotted(node).rpartition(".")[2] in _FORMATTING or is_assertion(node)
    if isinstance(node, ast.Return | ast.Expr):
        return node.value is None or isinstance(node.value, ast.Constant) or is_assertion(node.value)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
        return isinstance(node.left, ast.Constant) and isinstance(node.left.value, str)
    if isinstance(node, ast.Assign):
        unread = all(isinstance(each, ast.Name) and each.id not in read for each in node.targets)
        return unread and isinstance(node.value, ast.Constant)
    return isinstance(node, Function | ast.ClassDef | ast.Assert | ast.JoinedStr | ast.arg)


def calls(scope: Scope) -> Counter[str]:
    """Return the names that a function calls outside its assertions, with how often."""
    return Counter(_called(scope.node))


def _called(node: ast.AST) -> Iterator[str]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Function | ast.ClassDef | ast.Assert):
            continue
        if isinstance(child, ast.Call):
            if is_assertion(child) or ".mark." in f".{dotted(child)}":
                continue
            if dotted(child).rpartition(".")[2] not in _COSMETIC:
                yield dotted(child).rpartition(".")[2]
        yield from _called(child)


def patches(node: ast.AST) -> Counter[str]:
    """Return what a piece of a test replaces by something else: mocks, monkeypatches, assignments into modules."""
    return Counter(ast.unparse(each) for each in ast.walk(node) if isinstance(each, ast.Call) and _is_patching(each))


def _is_patching(node: ast.Call) -> bool:
    name = dotted(node)
    last = name.rpartition(".")[2]
    if last in {"object", "multiple", "dict"}:
        return ".patch." in f".{name}" or name.startswith("patch.")
    return last in PATCHING
