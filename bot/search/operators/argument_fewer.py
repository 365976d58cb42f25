"""A call without one of its arguments."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.registry import operator
from bot.search.site import Change, Site


@operator(nodes=(ast.Call,), share=0.05)
def propose(site: Site) -> Iterator[Change]:
    """Yield the call without each argument or keyword in turn."""
    node, view = site.node, site.view
    parts = sorted([*node.args, *node.keywords], key=lambda part: (part.lineno, part.col_offset))
    for at, part in enumerate(parts):
        if at + 1 < len(parts):
            start, end = view.start(part), view.start(parts[at + 1])
        elif at:
            start, end = view.end(parts[at - 1]), view.end(part)
        else:
            start, end = view.start(part), view.end(part)
        yield site.span(start, end, "")
