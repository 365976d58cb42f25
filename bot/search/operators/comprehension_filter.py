"""A condition on the elements of a comprehension."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.registry import operator
from bot.search.operators._conditions import conditions
from bot.search.site import Change, Site


@operator(nodes=(ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp), share=0.01)
def propose(site: Site) -> Iterator[Change]:
    """Yield an `if` at the end of the comprehension, and the comprehension without each `if` it has."""
    last = site.node.generators[-1]
    inner = Site(site.view, site.scope, last)
    if last.ifs:
        start, end = site.view.end(last.ifs[-2] if len(last.ifs) > 1 else last.iter), site.view.end(last.ifs[-1])
        yield site.span(start, end, "", 5.0)
        return
    at = site.view.end(last.iter)
    names = {part.id for part in ast.walk(last.target) if isinstance(part, ast.Name)}
    for text, weight in conditions(Site(inner.view, inner.scope, last.target)):
        if any(name in text for name in names):
            yield site.span(at, at, f" if {text}", weight)
