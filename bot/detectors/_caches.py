"""Results that are kept while what they were made from changes: caches on methods and functions, told from one file.

A finding needs all three: a decorator that keeps results for ever, a value that is read and is no argument, and code
that changes that value later on; code that forgets kept results (`cache_clear`, `del self.name`) is left alone.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from bot.codebase import Codebase
from bot.detectors._mutations import Function, Hit, changes, found, own_nodes
from bot.detectors._seen import Finding

_KEEPS = frozenset({"cache", "lru_cache", "cached_property"})
_MAKES = frozenset({"__new__", "__post_init__", "__setstate__", "__init_subclass__"})
_SET_UP = ("init", "setup", "set_up", "prepare", "configure")


def stale_caches(codebase: Codebase, path: str) -> Iterable[Finding]:
    """Yield a finding (severity low) for each function of a file that goes on giving results of before a change."""
    tree = None if codebase.is_test(path) else codebase.tree(path)
    if tree is None or not any(word in codebase.text(path) for word in _KEEPS):
        return
    for owner in ast.walk(tree):
        if isinstance(owner, ast.ClassDef | ast.Module):
            functions = [part for part in owner.body if isinstance(part, Function)]
            for one in functions:
                others = [other for other in functions if other is not one and not _sets_up(other)]
                for hit in _stale(one, others, owner):
                    yield found(path, hit, codebase)


def _sets_up(function: Function) -> bool:
    return function.name in _MAKES or function.name.lstrip("_").startswith(_SET_UP)


def _stale(one: Function, others: list[Function], owner: ast.ClassDef | ast.Module) -> Iterable[Hit]:
    line = _kept_at(one)
    if not line or _forgets(owner, one.name):
        return
    kind: type[ast.AST] = ast.Attribute if isinstance(owner, ast.ClassDef) else ast.Name
    for name in sorted(_read(one, kind)):
        changer = next((other for other in others if _changed(other, kind, name)), None)
        if changer is not None:
            what = f"self.{name}" if kind is ast.Attribute else name
            said = f"its results are kept for ever, and {changer.name} changes {what}, which they rest on"
            yield "stale-cache", one.name, line, said, False
            return


def _kept_at(function: Function) -> int:
    """Return the line of the decorator that keeps a function's results, 0 when there is none."""
    for node in function.decorator_list:
        called = node.func if isinstance(node, ast.Call) else node
        name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
        if name in _KEEPS:
            return node.lineno
    return 0


def _forgets(owner: ast.AST, name: str) -> bool:
    """Return whether anything drops kept results: clears a cache, deletes the attribute, or names it in a text."""
    return any(
        (isinstance(node, ast.Attribute) and node.attr == "cache_clear")
        or (isinstance(node, ast.Attribute) and node.attr == name and not isinstance(node.ctx, ast.Load))
        or (isinstance(node, ast.Constant) and node.value == name)
        for node in ast.walk(owner)
    )


def _read(function: Function, kind: type[ast.AST]) -> set[str]:
    """Return the attributes of `self`, or the names that are not the function's own, which a function reads."""
    nodes = list(own_nodes(function))
    if kind is ast.Attribute:
        held = [node for node in nodes if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load)]
        return {node.attr for node in held if isinstance(node.value, ast.Name) and node.value.id == "self"}
    arguments = function.args
    own = {one.arg for one in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)}
    names = [node for node in nodes if isinstance(node, ast.Name)]
    own |= {node.id for node in names if not isinstance(node.ctx, ast.Load)}
    return {node.id for node in names} - own


def _changed(function: Function, kind: type[ast.AST], name: str) -> bool:
    """Return whether a function gives the value another content, or another value altogether."""
    nodes = list(own_nodes(function))
    if any(changes(node, kind, name) for node in nodes):
        local = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
        taken = {one.arg for one in (*function.args.args, *function.args.kwonlyargs)}
        return kind is ast.Attribute or name not in local | taken or _is_global(nodes, name)
    if kind is ast.Name:
        return _is_global(nodes, name)
    return any(
        isinstance(node, ast.Attribute)
        and node.attr == name
        and isinstance(node.ctx, ast.Store)
        and isinstance(node.value, ast.Name)
        and node.value.id == "self"
        for node in nodes
    )


def _is_global(nodes: Iterable[ast.AST], name: str) -> bool:
    return any(isinstance(node, ast.Global) and name in node.names for node in nodes)
