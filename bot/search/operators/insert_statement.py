"""A statement that the function has elsewhere, as it is or with one variable exchanged."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.registry import operator
from bot.search.site import Change, Site

_LONGEST = 100
_SIMPLE = (ast.Assign, ast.AugAssign, ast.Expr, ast.Return, ast.Break, ast.Continue, ast.Raise)


def _donors(site: Site) -> Iterator[tuple[str, float]]:
    names = site.names
    for node in site.scope.nodes:
        if not isinstance(node, _SIMPLE) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            continue
        text = site.code(node)
        if len(text) > _LONGEST:
            continue
        yield text, 1.5
        for part in ast.walk(node):
            if isinstance(part, ast.Name) and part.id in names:
                yield from _varied(site, node, part)


def _varied(site: Site, donor: ast.stmt, part: ast.Name) -> Iterator[tuple[str, float]]:
    view = site.view
    start = view.start(donor)
    text = view.text[start : view.end(donor)]
    if "\n" in text:
        return
    kind = site.scope.kinds.get(part.id, "")
    for other in site.names:
        if other != part.id:
            near = 1.0 if site.scope.kinds.get(other, "") == kind else 0.5
            yield text[: view.start(part) - start] + other + text[view.end(part) - start :], near


@operator(nodes=(ast.Assign, ast.AugAssign, ast.Expr, ast.Return, ast.If, ast.For, ast.While, ast.Try), share=0.05)
def propose(site: Site) -> Iterator[Change]:
    """Yield each such statement before this one, and after it where it ends its block."""
    node, view = site.node, site.view
    block = getattr(view.parent(node), view.place(node), [])
    if not isinstance(block, list):
        return
    own = site.code(node)
    last = bool(block) and block[-1] is node and not isinstance(node, ast.Return)
    for text, weight in dict(_donors(site)).items():
        if text == own:
            continue
        change = site.before(node, (text,), weight)
        if change is not None:
            yield change
        after = site.after(node, (text,), weight) if last else None
        if after is not None:
            yield after
    yield from _leftovers(site) if last and isinstance(node, ast.For | ast.While) else ()


def _leftovers(site: Site) -> Iterator[Change]:
    """Yield, after a loop, what it does with a collection that it fills, for what is left in it at the end."""
    for statement in ast.walk(site.node):
        if not isinstance(statement, ast.Expr) or len(site.code(statement)) > _LONGEST:
            continue
        names = (part.id for part in ast.walk(statement) if isinstance(part, ast.Name))
        for name in dict.fromkeys(name for name in names if name in site.scope.assigned):
            change = site.after(site.node, (f"if {name}:", f"    {site.code(statement)}"), 1.0)
            if change is not None:
                yield change
