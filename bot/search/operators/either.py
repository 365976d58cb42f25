"""Another value under a condition: `x if c else y`."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.registry import operator
from bot.search.binding import OR
from bot.search.operators._conditions import conditions
from bot.search.site import Change, Site

_PLAIN = {"0": 1.0, "None": 0.7, "''": 0.5, "[]": 0.5, "1": 0.5, "-1": 0.3}
_BY_KIND = {"int": ("0", "1", "-1", "None"), "str": ("''", "None"), "list": ("[]", "None"), "bool": ("None",)}
_MOST_TESTS = 24
_TURNED = 0.2  # of what is mostly there when it is missing, or is itself what is missing


def _others(site: Site) -> dict[str, float]:
    """Return the other values: parts of the expression itself, variables, plain values of its kind."""
    node, kind = site.node, site.scope.kind(site.node)
    parts = [part for part in ast.walk(node) if isinstance(part, ast.Name | ast.Attribute | ast.Subscript)]
    inner = [site.code(part) for part in parts if part is not node and site.view.place(part) != "func"]
    found = {text: _PLAIN[text] for text in _BY_KIND.get(kind, tuple(_PLAIN))}
    names = (name for name in site.names if site.scope.kinds.get(name, "") in ("", kind) or not kind)
    return found | dict.fromkeys(names, 0.7) | dict.fromkeys(inner, 1.5)


@operator(nodes=(ast.Name, ast.Attribute, ast.Call, ast.BinOp, ast.Subscript), share=0.015)
def propose(site: Site) -> Iterator[Change]:
    """Yield the expression under each likely condition, else another value, where it is assigned, given or put in."""
    node, view = site.node, site.view
    if view.place(node) not in ("value", "args", "elt") or isinstance(getattr(node, "ctx", None), ast.Store):
        return
    if isinstance(view.parent(node), ast.Attribute | ast.Subscript | ast.Starred | ast.Await):
        return
    own = site.bound(node, OR)
    tests = sorted(dict(conditions(site, node)).items(), key=lambda row: -row[1])[:_MOST_TESTS]
    for other, weight in _others(site).items():
        for test, likely in tests:
            turned = _TURNED if test.startswith("not ") or test.endswith(" is None") or other in test else 1.0
            if other != own:
                yield site.replace(node, f"{own} if {test} else {other}", weight * likely * turned)
