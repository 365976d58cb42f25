"""A first value for a key that is not there yet: `d[k] = d.get(k, 0) + v`, `d.setdefault(k, []).append(v)`."""

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


@operator(nodes=(ast.AugAssign, ast.Call, ast.Dict), share=0.02)
def propose(site: Site) -> Iterator[Change]:
    """Yield what gives the key its first value."""
    if isinstance(site.node, ast.AugAssign):
        yield from _counted(site)
    elif isinstance(site.node, ast.Call):
        yield from _mutated(site)
    else:
        yield from _made(site)
