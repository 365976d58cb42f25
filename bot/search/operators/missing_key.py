"""A first value for a key that is not there yet, or the value kept that is: `d.setdefault(k, []).append(v)`."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.registry import operator
from bot.search.operators._symbols import ARITHMETIC
from bot.search.site import Change, Site

_FIRST = {"0": 2.0, "[]": 1.0, "''": 1.0, "1": 0.5, "set()": 0.5}
_FILLED = {"append": "[]", "extend": "[]", "insert": "[]", "add": "set()", "update": "{}", "discard": "set()"}
_MAKERS = ("defaultdict(int)", "defaultdict(list)", "Counter()", "defaultdict(set)", "defaultdict(float)")


def _mutated(site: Site) -> Iterator[Change]:
    """Yield the form with a first value for `d[k].append(v)` and its like."""
    call = site.node
    if not (isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Subscript)):
        return
    first, held = _FILLED.get(call.func.attr, ""), call.func.value
    if first and not isinstance(held.slice, ast.Slice):
        form = f"{site.tight(held.value)}.setdefault({site.code(held.slice)}, {first})"
        yield site.replace(held, form, 1.0)


def _counted(site: Site) -> Iterator[Change]:
    """Yield the forms with a first value for `d[k] += v`."""
    target, view = site.node.target, site.view
    if not isinstance(target, ast.Subscript) or isinstance(target.slice, ast.Slice):
        return
    sign = ARITHMETIC.get(type(site.node.op), "")
    held, key, value = site.tight(target.value), site.code(target.slice), site.tight(site.node.value)
    for first, weight in _FIRST.items() if sign else ():
        new = f"{site.code(target)} = {held}.get({key}, {first}) {sign} {value}"
        yield site.span(view.start(site.node), view.end(site.node), new, weight)


def _made(site: Site) -> Iterator[Change]:
    """Yield the collections that know a first value, where the module imports them, in place of an empty dictionary."""
    if not site.node.keys:
        for form in _MAKERS:
            if form.partition("(")[0] in site.scope.module:
                yield site.replace(site.node, form, 1.0)


def _kept(site: Site) -> Iterator[Change]:
    """Yield the forms that keep what the key holds already for `d[k] = v`, and that add to it for `d[k] = [v]`."""
    target, value = site.node.targets[0], site.node.value
    if not isinstance(target, ast.Subscript) or isinstance(target.slice, ast.Slice):
        return
    held, key, start, end = site.tight(target.value), site.code(target.slice), *_reach(site)
    for kind, first, add in ((ast.List, "[]", "append"), (ast.Set, "set()", "add")):
        if isinstance(value, kind) and len(value.elts) == 1:
            form = f"{held}.setdefault({key}, {first}).{add}({site.code(value.elts[0])})"
            yield site.span(start, end, form, 2.0)
    yield site.span(start, end, f"{held}.setdefault({key}, {site.code(value)})", 1.0)
    for first, weight in (("0", 1.0), ("[]", 0.3)):
        new = f"{site.code(target)} = {held}.get({key}, {first}) + {site.tight(value)}"
        yield site.span(start, end, new, weight)


def _reach(site: Site) -> tuple[int, int]:
    return site.view.start(site.node), site.view.end(site.node)


@operator(nodes=(ast.Assign, ast.AugAssign, ast.Call, ast.Dict), share=0.02)
def propose(site: Site) -> Iterator[Change]:
    """Yield what gives the key its first value, or keeps the one it has."""
    if isinstance(site.node, ast.AugAssign):
        yield from _counted(site)
    elif isinstance(site.node, ast.Assign):
        yield from _kept(site)
    elif isinstance(site.node, ast.Call):
        yield from _mutated(site)
    else:
        yield from _made(site)
