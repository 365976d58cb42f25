"""What the platform writes between paths, parts of paths and lines, instead of a fixed sign."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.registry import operator
from bot.search.site import Change, Site

_NAMES = {":": "os.pathsep", ";": "os.pathsep", "/": "os.sep", "\\": "os.sep", "\n": "os.linesep"}


@operator(nodes=(ast.Constant,), share=0.03)
def propose(site: Site) -> Iterator[Change]:
    """Yield the constant of `os` for the sign, where the module imports `os`."""
    name = _NAMES.get(site.node.value) if isinstance(site.node.value, str) else None
    if name and "os" in site.scope.module and not isinstance(site.view.parent(site.node), ast.Expr | ast.JoinedStr):
        yield site.replace(site.node, name)
