"""Another function for the same arguments."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.registry import operator
from bot.search.site import Change, Site

_KIN = (
    ("min", "max", "sum", "len"), ("any", "all"), ("list", "tuple", "set", "sorted", "reversed"),
    ("int", "float", "str", "round", "abs", "bool"), ("chr", "ord"), ("isinstance", "issubclass"),
    ("enumerate", "zip", "range"), ("map", "filter"), ("getattr", "hasattr"), ("bin", "hex", "oct"),
)  # fmt: skip


@operator(nodes=(ast.Call,), share=0.09)
def propose(site: Site) -> Iterator[Change]:
    """Yield functions of the file and kin of a built-in one."""
    func = site.node.func
    if not isinstance(func, ast.Name):
        return
    kin = [name for group in _KIN if func.id in group for name in group]
    own = [name for name in site.scope.calls if name not in kin]
    for names, weight in ((kin, 2.0), (own, 1.0)):
        for name in names:
            if name != func.id:
                yield site.replace(func, name, weight)
