"""A variable that is given a value and never read, in the place of the one that is read instead."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.registry import operator
from bot.search.site import Change, Site
from bot.search.view import FUNCTIONS

_ALIKE = 0.5


def _unread(site: Site) -> list[str]:
    """Return the names that the function binds itself and reads nowhere, those of inner functions counted as read."""
    if not isinstance(site.scope.node, FUNCTIONS):
        return []
    names = [node for node in ast.walk(site.scope.node) if isinstance(node, ast.Name)]
    read = {node.id for node in names if not isinstance(node.ctx, ast.Store)}
    shared = {name for node in site.scope.nodes if isinstance(node, ast.Global | ast.Nonlocal) for name in node.names}
    bound = site.scope.assigned
    return [name for name in bound if name not in read and name not in shared and not name.startswith("_")]


def _closest(name: str, others: list[str]) -> str:
    from difflib import SequenceMatcher

    rated = [(SequenceMatcher(None, name, other, autojunk=False).ratio(), other) for other in others if other != name]
    best = max(rated, default=(0.0, ""))
    return best[1] if best[0] >= _ALIKE else ""


@operator(nodes=(ast.Assign, ast.AugAssign, ast.Return, ast.Expr), share=0.05)
def propose(site: Site) -> Iterator[Change]:
    """Yield the statement with such names for those most like them, all together and each alone."""
    unread, view = _unread(site), site.view
    bound = {getattr(part, "id", "") for target in getattr(site.node, "targets", ()) for part in ast.walk(target)}
    others = [name for name in unread if name not in bound]
    parts = [part for part in ast.walk(site.node.value) if isinstance(part, ast.Name)] if site.node.value else []
    read = [part for part in parts if isinstance(part.ctx, ast.Load)] if others else []
    known = list(dict.fromkeys(part.id for part in read))
    meant = {_closest(other, known): other for other in reversed(others)}  # each stands in for the one most like it
    spans = [(view.start(part), view.end(part), meant[part.id]) for part in read if part.id in meant]
    if len(spans) > 1:
        yield Change(tuple(spans), 2.0)
    for span in spans:
        yield Change((span,), 1.0)
