"""A call that exchanges or strips a part of a string, as two strings of the test show it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.registry import operator
from bot.search.site import Change, Site


def _rewrites(site: Site) -> Iterator[str]:
    """Yield method calls that would turn one of the test's strings into another.

    Letters and digits are not exchanged: they belong to one example alone.
    """
    strings = [hint for hint in site.hints.strings if len(hint) <= 120][:16]
    for one in strings:
        for two in strings:
            if one == two:
                continue
            if one.strip() == two:
                yield "strip()"
            if one.lower() == two:
                yield "lower()"
            old, new = _difference(one, two)
            if old and not any(map(str.isalnum, old + new)) and one.replace(old, new) == two:
                yield f"replace({old!r}, {new!r})"


def _difference(one: str, two: str) -> tuple[str, str]:
    head = 0
    while head < min(len(one), len(two)) and one[head] == two[head]:
        head += 1
    tail = 0
    while tail < min(len(one), len(two)) - head and one[-1 - tail] == two[-1 - tail]:
        tail += 1
    return one[head : len(one) - tail], two[head : len(two) - tail]


@operator(nodes=(ast.Name, ast.Attribute, ast.Call, ast.Subscript, ast.BinOp, ast.JoinedStr), share=0.02)
def propose(site: Site) -> Iterator[Change]:
    """Yield such a call on an expression that may be a string."""
    node = site.node
    if isinstance(getattr(node, "ctx", None), ast.Store | ast.Del) or site.view.place(node) in ("func", "annotation"):
        return
    if site.scope.kind(node) not in ("", "str") or isinstance(site.view.parent(node), ast.Attribute):
        return
    for text in dict.fromkeys(_rewrites(site)):
        yield site.replace(node, f"{site.tight(node)}.{text}")
