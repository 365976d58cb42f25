"""A call awaited, or a coroutine's result no longer."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.registry import operator
from bot.search.site import Change, Site


def _coroutines(site: Site) -> set[str]:
    return {node.name for node in ast.walk(site.view.tree) if isinstance(node, ast.AsyncFunctionDef)}


@operator(nodes=(ast.Call, ast.For, ast.With), share=0.03)
def propose(site: Site) -> Iterator[Change]:
    """Yield `await call`, in a coroutine, where nothing awaits it; `async for` and `async with`; own ones first."""
    node, view = site.node, site.view
    if not isinstance(site.scope.node, ast.AsyncFunctionDef):
        return
    if not isinstance(node, ast.Call):
        yield site.span(view.start(node), view.start(node), "async ", 0.5)
        return
    around = [view.parent(node), *view.above(node)]
    if any(isinstance(up, ast.Await | ast.Lambda) for up in around) or isinstance(node.func, ast.Await):
        return
    name = getattr(node.func, "attr", getattr(node.func, "id", ""))
    yield site.replace(node, f"await {site.code(node)}", 2.0 if name in _coroutines(site) else 0.3)
