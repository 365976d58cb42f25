"""Another name of the module that a name comes from: `ROUND_HALF_UP` for `ROUND_HALF_EVEN`, `floor` for `ceil`."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from difflib import SequenceMatcher
from functools import cache
from importlib import import_module

from bot.registry import operator
from bot.search.site import Change, Site

# Modules of the standard library whose names are easily mistaken for one another, and that importing does nothing to.
_MODULES = frozenset(
    "bisect calendar codecs collections copy datetime decimal errno functools hashlib heapq html itertools json locale "
    "logging math operator os os.path pickle posixpath random re shlex shutil signal socket stat statistics string "
    "time typing unicodedata urllib.parse uuid".split()
)
_OPPOSITES = (("floor", "ceil"), ("dirname", "basename"), ("permutations", "combinations"), ("lt", "gt"), ("le", "ge"))
_ALIKE = 0.6
_MOST = 6
_Imported = tuple[str, ast.ImportFrom, ast.alias]


@cache
def _kin(module: str, name: str) -> tuple[str, ...]:
    """Return the names of a module that are alike and of the same kind as `name`, the most alike first."""
    if module not in _MODULES:
        return ()
    known = vars(import_module(module))
    kind = type(known.get(name))
    same = [other for other, value in known.items() if type(value) is kind and _form(other) == _form(name)]
    rated = [(_likeness(name, other), other) for other in same if other[0] != "_" and other != name]
    best = sorted((-rate, other) for rate, other in rated if rate >= _ALIKE)
    return tuple(other for _, other in best[:_MOST])


def _likeness(name: str, other: str) -> float:
    """Return 0 to 1: opposites are alike, and so are constants that begin with the same word."""
    if any({name, other} == set(pair) for pair in _OPPOSITES):
        return 1.0
    rate = SequenceMatcher(None, name, other, autojunk=False).ratio()
    if name.partition("_")[0] == other.partition("_")[0] and "_" in name:
        return max(rate, 0.5 + rate / 2)
    return rate


def _form(name: str) -> tuple[bool, bool]:
    """Return what tells constants, classes and functions apart by their names."""
    return name.isupper(), name[:1].isupper()


def _imported(site: Site) -> dict[str, _Imported]:
    """Return what the file's `from MODULE import NAME` bind, with the module, the statement and the part of it."""
    return {
        alias.asname or alias.name: (node.module, node, alias)
        for node in site.view.tree.body
        if isinstance(node, ast.ImportFrom) and node.module and not node.level
        for alias in node.names
    }


def _modules(site: Site) -> dict[str, str]:
    """Return the modules that the file's `import MODULE` bind, by the name they are used with."""
    imports = [node for node in site.view.tree.body if isinstance(node, ast.Import)]
    return {alias.asname or alias.name: alias.name for node in imports for alias in node.names}


@operator(nodes=(ast.Name, ast.Attribute), share=0.05)
def propose(site: Site) -> Iterator[Change]:
    """Yield names imported beside it, those that nothing uses first, and names of its module that are much alike."""
    node = site.node
    if isinstance(node, ast.Attribute):
        end = site.view.end(node)
        for other in _kin(_modules(site).get(site.code(node.value), ""), node.attr):
            yield site.span(end - len(node.attr), end, other)
        return
    found = _imported(site)
    if node.id not in found or node.id in site.names or not isinstance(node.ctx, ast.Load):
        return
    module, statement, alias = found[node.id]
    used = Counter(part.id for part in ast.walk(site.view.tree) if isinstance(part, ast.Name))
    for other, (_, where, _) in found.items():
        if where is statement and other != node.id and _form(other) == _form(node.id):
            yield site.replace(node, other, 0.7 if used[other] else 3.0)
    for other in _kin(module, alias.name):
        if other not in found:
            at = (site.view.start(alias), site.view.end(alias), other)
            more = (at[1], at[1], f", {other}")
            yield Change((at if used[node.id] == 1 else more, site.view.replacement(node, other)), 0.7)
