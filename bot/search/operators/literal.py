"""Another simple value: the opposite of a boolean, None, an empty string or collection."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.registry import operator
from bot.search.site import Change, Site

_OTHERS = {
    "True": ("False", "None"), "False": ("True", "None"), "None": ("False", "''", "[]", "0", "True"),
    "[]": ("[[]]", "None", "{}", "''"), "{}": ("None", "[]"), "''": ("' '", "None"), '""': ('" "', "None"),
    "()": ("[]", "None"), "0": ("None", "[]", "''"), "1": ("True",),
}  # fmt: skip


@operator(nodes=(ast.Constant, ast.List, ast.Dict, ast.Tuple), share=0.045)
def propose(site: Site) -> Iterator[Change]:
    """Yield the values that are often meant instead."""
    for rank, other in enumerate(_OTHERS.get(site.code(site.node), ())):
        yield site.replace(site.node, other, 1 / (1 + 2 * rank))
