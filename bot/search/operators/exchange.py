"""Two variables of one statement in each other's place: `users[need].append(node)` for `users[node].append(need)`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import combinations, product

from bot.registry import operator
from bot.search.site import Change, Site

_MOST = 6  # variables of a statement; with more of them nothing says which two


@operator(nodes=(ast.Assign, ast.AugAssign, ast.Expr, ast.Return), share=0.02)
def propose(site: Site) -> Iterator[Change]:
    """Yield the statement with every two of the variables that it reads exchanged, wherever it reads them."""
    view, kinds = site.view, site.scope.kinds
    reads = [part for part in ast.walk(site.node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load)]
    names = sorted({part.id for part in reads} & set(site.names))
    for one, two in combinations(names if len(names) <= _MOST else (), 2):
        other = {one: two, two: one}
        spans = tuple((view.start(part), view.end(part), other[part.id]) for part in reads if part.id in other)
        known = {kinds.get(one, ""), kinds.get(two, "")} - {""}
        yield Change(spans, 0.3 if len(known) > 1 else 1.0)
    yield from _with_next(site, reads)


def _with_next(site: Site, reads: list[ast.Name]) -> Iterator[Change]:
    """Yield a variable that only this statement reads exchanged for one that only the next one reads."""
    block = getattr(site.view.parent(site.node), site.view.place(site.node), [])
    at = block.index(site.node) + 1 if isinstance(block, list) and site.node in block else 0
    following = block[at] if 0 < at < len(block) else None
    if not isinstance(following, ast.Assign | ast.AugAssign | ast.Expr | ast.Return):
        return
    its = [part for part in ast.walk(following) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load)]
    made = {part.id for part in ast.walk(site.node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)}
    own, other = ({part.id for part in parts} & set(site.names) - made for parts in (reads, its))
    for one, two in product(sorted(own - other)[:_MOST], sorted(other - own)[:_MOST]):
        turned = {one: two, two: one}
        parts = [part for part in (*reads, *its) if part.id in turned]
        yield Change(tuple((site.view.start(part), site.view.end(part), turned[part.id]) for part in parts), 0.5)
