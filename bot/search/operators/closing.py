"""What a `with` statement holds, closed at its end: `with closing(thing):`."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.registry import operator
from bot.search.site import Change, Site

_NAME = "closing"
_IMPORT = f"from contextlib import {_NAME}\n"


@operator(nodes=(ast.With,), share=0.01)
def propose(site: Site) -> Iterator[Change]:
    """Yield each call that a `with` statement opens, in `contextlib.closing`, imported where it is not yet."""
    view = site.view
    known = site.scope.module.get(_NAME) == "import"
    imports = [node for node in view.tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    if not known and not imports:
        return
    future = [node for node in imports if isinstance(node, ast.ImportFrom) and node.module == "__future__"]
    at = view.starts[(future[-1].end_lineno or 1) if future else imports[0].lineno - 1] if imports else 0
    for item in site.node.items:
        call = item.context_expr
        if isinstance(call, ast.Call) and site.code(call.func).rpartition(".")[2] != _NAME:
            around = view.replacement(call, f"{_NAME}({site.code(call)})")
            yield Change((around,) if known else ((at, at, _IMPORT), around))
