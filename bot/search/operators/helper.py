"""A call of one of the project's own helpers, from another module, put around an expression and imported."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.registry import operator
from bot.search.site import Change, Site

_MOST = 6  # helpers offered at a place: each has to be tried in a process of its own


def _known(site: Site) -> dict[str, float]:
    """Return the modules that the file imports from or lies beside, with how near they are."""
    tops = [node for node in site.view.tree.body if isinstance(node, ast.ImportFrom) and not node.level]
    own = site.view.path.removesuffix(".py").replace("/", ".")
    near = {node.module: 3.0 for node in tops if node.module}
    return {**near, own.rpartition(".")[0]: 1.0, own: 0.0}


def _helpers(site: Site) -> list[tuple[float, str, str]]:
    """Return the helpers whose names are alike what the function is about, the likeliest first."""
    from difflib import SequenceMatcher

    known = _known(site)
    words = f"{getattr(site.scope.node, 'name', '')} {site.code(site.node)}".lower()
    rows = []
    for module, name in site.hints.helpers:
        near = known.get(module, known.get(module.rpartition(".")[0], 0.3))
        if near and name not in site.scope.module and name not in site.scope.locals:
            alike = SequenceMatcher(None, name.lower(), words, autojunk=False).ratio()
            rows.append((near * (0.2 + alike), module, name))
    return sorted(rows, key=lambda row: (-row[0], row[1:]))[:_MOST]


@operator(nodes=(ast.Name, ast.Attribute, ast.Call, ast.Subscript), share=0.01)
def propose(site: Site) -> Iterator[Change]:
    """Yield `helper(x)` for an `x` that is returned, assigned, passed or collected, with the import after the last."""
    place, view = site.view.place(site.node), site.view
    if place not in ("value", "args", "values", "elts") or isinstance(
        view.parent(site.node), ast.Attribute | ast.Subscript
    ):
        return
    imports = [node for node in view.tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    if not imports:
        return
    at = view.starts[imports[-1].end_lineno or imports[-1].lineno]
    for weight, module, name in _helpers(site):
        around = view.replacement(site.node, f"{name}({site.code(site.node)})")
        yield Change(((at, at, f"from {module} import {name}\n"), around), weight)
