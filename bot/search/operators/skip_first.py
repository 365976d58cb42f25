"""The first item of a stream skipped before a loop goes over it: a heading, a seed."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.registry import operator
from bot.search.scope import SEQUENCES
from bot.search.site import Change, Site

_NOT_STREAMS = {*SEQUENCES, "dict", "set", "range"}


@operator(nodes=(ast.For,), share=0.01)
def propose(site: Site) -> Iterator[Change]:
    """Yield `next(x, None)` before a loop over a variable that is not known to be a collection."""
    iterated = site.node.iter
    if isinstance(iterated, ast.Name) and site.scope.kind(iterated) not in _NOT_STREAMS:
        change = site.before(site.node, (f"next({iterated.id}, None)",))
        if change is not None:
            yield change
