"""A keyword argument that the failing test expects a call to have."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.registry import operator
from bot.search.site import Change, Site

_EXPECTED = ("assert_called_with", "assert_called_once_with", "assert_any_call", "assert_has_calls", "call")


@operator(nodes=(ast.Call,), share=0.05)
def propose(site: Site) -> Iterator[Change]:
    """Yield the call with such a keyword, its value as in the test or a variable of that name."""
    node, view = site.node, site.view
    name = getattr(node.func, "id", getattr(node.func, "attr", ""))
    given = {keyword.arg for keyword in node.keywords}
    parts = [*node.args, *node.keywords]
    at = view.end(parts[-1]) if parts else view.end(node) - 1
    lead = ", " if parts else ""
    for callee, keyword, value in site.hints.keywords:
        if keyword in given or not (callee == name or callee in _EXPECTED):
            continue
        near = 2.0 if callee == name else 1.0
        yield site.span(at, at, f"{lead}{keyword}={value}", near)
        for other in site.names:
            if other == keyword or len(site.names) <= 4:
                yield site.span(at, at, f"{lead}{keyword}={other}", near)
