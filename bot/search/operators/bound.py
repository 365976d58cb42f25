"""A second bound for a value that is compared with one: `0 <= x < n` for `x < n`."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.registry import operator
from bot.search.binding import BIT_OR
from bot.search.site import Change, Site

_UP, _DOWN = (ast.Lt, ast.LtE), (ast.Gt, ast.GtE)
_MOST = 6


def _bounds(site: Site) -> Iterator[tuple[str, float]]:
    """Yield what a value may be bounded by: 0 and 1, the function's numbers, those of the tests, variables, lengths."""
    held = [part.value for part in site.scope.nodes if isinstance(part, ast.Constant) and type(part.value) is int]
    told = [number for number in site.hints.numbers if type(number) is int]
    for rank, number in enumerate(dict.fromkeys((0, 1, *held[:_MOST], *told[:_MOST]))):
        yield repr(number), 2.0 / (1 + rank / 2)
    for name in site.names:
        kind = site.scope.kinds.get(name, "")
        if kind in ("int", "float", ""):
            yield name, 1.0 if kind else 0.5
        if kind in ("list", "str", "tuple"):
            yield f"len({name})", 1.0


@operator(nodes=(ast.Compare,), share=0.01)
def propose(site: Site) -> Iterator[Change]:
    """Yield the comparison with a bound on the other side of what is no plain number, reached or not."""
    node = site.node
    if len(node.ops) != 1 or not isinstance(node.ops[0], (*_UP, *_DOWN)):
        return
    sign = "<" if isinstance(node.ops[0], _UP) else ">"
    own = (site.code(node.left), site.code(node.comparators[0]))
    plain = f"{site.bound(node.left, BIT_OR)} {site.view.text[site.view.end(node.left) :].split()[0]}"
    whole = f"{plain} {site.bound(node.comparators[0], BIT_OR)}"
    for text, weight in _bounds(site):
        for sharp, likely in ((f"{sign}=", weight), (sign, 0.6 * weight)) if text not in own else ():
            if not isinstance(node.left, ast.Constant):
                yield site.replace(node, f"{text} {sharp} {whole}", likely)
            if not isinstance(node.comparators[0], ast.Constant):
                yield site.replace(node, f"{whole} {sharp} {text}", likely * 0.7)
