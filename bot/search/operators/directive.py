"""The places that a pattern of dates, times or values names: two exchanged, or one in its other case."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import re2

from bot.registry import operator
from bot.search.operators._quoting import literal, quote_of
from bot.search.site import Change, Site

_PLACE = re2.compile(r"%[-#]?[A-Za-z]|\{[A-Za-z0-9_.]*\}")
# directives of strftime (Python's documentation of `datetime`) that are taken for one another
_KIN = {
    "%y": "%Y", "%Y": "%y", "%m": "%M %b %B", "%M": "%m", "%d": "%D %j", "%D": "%d", "%H": "%I", "%I": "%H",
    "%h": "%H", "%s": "%S", "%S": "%s", "%b": "%B %m", "%B": "%b %m", "%a": "%A", "%A": "%a", "%p": "%P",
}  # fmt: skip


def _forms(value: str) -> Iterator[tuple[str, float]]:
    found = [(place.start(), place.end()) for place in _PLACE.finditer(value)]
    for one, (start, end) in enumerate(found):
        for begin, stop in found[one + 1 :]:
            first, second = value[start:end], value[begin:stop]
            if first != second:
                swapped = value[:start] + second + value[end:begin] + first + value[stop:]
                yield swapped, 2.0
        for other in _KIN.get(value[start:end], "").split():
            yield value[:start] + other + value[end:], 1.0


@operator(nodes=(ast.Constant,), share=0.04)
def propose(site: Site) -> Iterator[Change]:
    """Yield the pattern with two of its places exchanged, and with a directive replaced by what looks like it."""
    quote = quote_of(site, site.node)
    if not quote or len(site.node.value) > 80 or isinstance(site.view.parent(site.node), ast.Expr | ast.JoinedStr):
        return
    for value, weight in dict(_forms(site.node.value)).items():
        yield site.replace(site.node, literal(value, quote), weight)
