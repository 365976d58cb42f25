"""Several variables of a statement exchanged for their kin: `left` and `right` for `left_user` and `right_user`."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator

from bot.registry import operator
from bot.search.site import Change, Site

_LEAST = 2  # characters that names have in common, and names that are exchanged alike
Way = tuple[str, str, str, str]  # what falls away before and behind a name, and what comes instead


def _ways(name: str, other: str) -> Iterator[Way]:
    """Yield how one name is the other with something before or behind it."""
    for short, long, less in ((name, other, False), (other, name, True)):
        if len(short) >= _LEAST and len(long) > len(short):
            if long.startswith(short):
                yield ("", long[len(short) :], "", "") if less else ("", "", "", long[len(short) :])
            if long.endswith(short):
                yield (long[: -len(short)], "", "", "") if less else ("", "", long[: -len(short)], "")


@operator(nodes=(ast.Assign, ast.AugAssign, ast.Expr, ast.Return, ast.If, ast.While), share=0.03)
def propose(site: Site) -> Iterator[Change]:
    """Yield the statement with all variables that have kin of one form exchanged for it, where these are several."""
    node = site.node
    whole = [node.test] if isinstance(node, ast.If | ast.While) else [node]
    read = [
        part
        for top in whole
        for part in ast.walk(top)
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load) and part.id in site.names
    ]
    found: dict[Way, dict[str, str]] = defaultdict(dict)
    for name in dict.fromkeys(part.id for part in read):
        for other in site.names:
            for way in _ways(name, other):
                found[way][name] = other
    for kin in found.values():
        if len(kin) >= _LEAST:
            yield Change(tuple(site.view.replacement(part, kin[part.id]) for part in read if part.id in kin))
