"""Another exception caught or raised."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.registry import operator
from bot.search.site import Change, Site

_KIN = (
    ("ValueError", "TypeError"), ("KeyError", "IndexError", "LookupError"), ("KeyError", "AttributeError"),
    ("OSError", "FileNotFoundError", "PermissionError", "IOError"), ("ImportError", "ModuleNotFoundError"),
    ("UnicodeDecodeError", "UnicodeEncodeError", "UnicodeError", "ValueError"), ("StopIteration", "IndexError"),
    ("AttributeError", "TypeError"), ("ZeroDivisionError", "ArithmeticError"), ("NotImplementedError", "TypeError"),
)  # fmt: skip
_COMMON = ("ValueError", "TypeError", "KeyError", "IndexError", "AttributeError", "OSError", "RuntimeError")


@operator(nodes=(ast.ExceptHandler, ast.Raise), share=0.015)
def propose(site: Site) -> Iterator[Change]:
    """Yield kin of the exception, then common ones; a handler may also catch both."""
    node = site.node
    found = node.type if isinstance(node, ast.ExceptHandler) else node.exc
    name = found.func if isinstance(found, ast.Call) else found
    if not isinstance(name, ast.Name):
        return
    kin = {other for group in _KIN if name.id in group for other in group}
    for other in dict.fromkeys((*sorted(kin), *_COMMON)):
        if other != name.id:
            weight = 2.0 if other in kin else 1.0
            yield site.replace(name, other, weight)
            if isinstance(node, ast.ExceptHandler):
                yield site.replace(name, f"({name.id}, {other})", weight)
