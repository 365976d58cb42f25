"""The opposite outcome: where a function returns True and False, each in the place of the other."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.registry import operator
from bot.search.site import Change, Site


def _plain(node: ast.AST) -> bool:
    return isinstance(node, ast.Return) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, bool)


@operator(nodes=(ast.Return,), share=0.003)
def propose(site: Site) -> Iterator[Change]:
    """Yield all plain outcomes of the function turned round; nothing where all are alike."""
    plain = [node for node in site.scope.nodes if isinstance(node, ast.Return) and _plain(node)]
    values = [(node.value, site.code(node.value)) for node in plain if node.value is not None]
    if site.node not in plain or len({text for _, text in values}) < 2:
        return
    view = site.view
    yield Change(tuple((view.start(value), view.end(value), str(text != "True")) for value, text in values))
