"""Two arguments of a call exchanged."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.registry import operator
from bot.search.site import Change, Site


@operator(nodes=(ast.Call,), share=0.015)
def propose(site: Site) -> Iterator[Change]:
    """Yield the call with each two of its positional arguments swapped, neighbours first."""
    arguments = site.node.args
    view = site.view
    for one, left in enumerate(arguments):
        for two in range(one + 1, len(arguments)):
            right = arguments[two]
            swapped = ((view.start(left), view.end(left), view.code(right)),
                       (view.start(right), view.end(right), view.code(left)))  # fmt: skip
            yield Change(swapped, 1.0 if two == one + 1 else 0.5)
