"""An argument moved between a call and the call around it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.registry import operator
from bot.search.site import Change, Site


def _without(site: Site, call: ast.Call, gone: ast.AST) -> str:
    parts = sorted([*call.args, *call.keywords], key=site.view.start)
    return f"{site.code(call.func)}({', '.join(site.code(part) for part in parts if part is not gone)})"


def _with(site: Site, call: ast.Call, more: ast.AST) -> str:
    kept = [site.code(part) for part in call.args]
    named = [site.code(part) for part in call.keywords]
    own = site.code(more)
    parts = [*kept, *named, own] if isinstance(more, ast.keyword) else [*kept, own, *named]
    return f"{site.code(call.func)}({', '.join(parts)})"


@operator(nodes=(ast.Call,), share=0.005)
def propose(site: Site) -> Iterator[Change]:
    """Yield the outer call with an argument of the inner one, and the inner one with an argument of the outer."""
    outer = site.node
    for inner in outer.args:
        if not isinstance(inner, ast.Call):
            continue
        for moved in (*inner.args, *inner.keywords):
            parts = [_without(site, inner, moved) if part is inner else site.code(part) for part in outer.args]
            named = [site.code(part) for part in outer.keywords]
            own = site.code(moved)
            every = [*parts, *named, own] if isinstance(moved, ast.keyword) else [*parts, own, *named]
            yield site.replace(outer, f"{site.code(outer.func)}({', '.join(every)})")
        for moved in (*outer.args, *outer.keywords):
            if moved is inner:
                continue
            rest = [part for part in (*outer.args, *outer.keywords) if part is not moved]
            every = [_with(site, inner, moved) if part is inner else site.code(part) for part in rest]
            yield site.replace(outer, f"{site.code(outer.func)}({', '.join(every)})")
