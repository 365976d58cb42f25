"""An exception that the failing test expects, raised under a condition."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.registry import operator
from bot.search.operators._conditions import conditions
from bot.search.site import Change, Site


@operator(nodes=(ast.Assign, ast.AugAssign, ast.Expr, ast.Return, ast.If, ast.For, ast.While), share=0.05)
def propose(site: Site) -> Iterator[Change]:
    """Yield `if condition: raise X(message)` before the statement; where the test asks for a message, with it."""
    if site.view.place(site.node) != "body" or not site.hints.raised:
        return
    for exception, message in site.hints.raised[:3]:
        plain = message.replace("\\", "").strip("^$").removesuffix(".*").removeprefix(".*")
        made = f"{exception}({plain!r})" if plain else f"{exception}()"
        for condition, weight in sorted(dict(conditions(site, site.node)).items(), key=lambda row: -row[1])[:80]:
            change = site.before(site.node, (f"if {condition}:", f"    raise {made}"), weight)
            if change is not None:
                yield change
