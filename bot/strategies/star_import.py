"""Write out what `from module import *` brings in (F403, F405), where the module is the project's own."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from bot.codebase import Codebase
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._checks import places_of
from bot.strategies._scope import KNOWN, scopes
from bot.strategies._statements import absolute, from_module
from bot.strategies._text import edit, replace

_CODES = frozenset({"F403", "F405", "W0401", "W0614"})


def _stars(path: str, tree: ast.Module, codebase: Codebase) -> dict[int, tuple[ast.ImportFrom, set[str]]] | None:
    """Return line -> (star import, names that it brings in), None when one of them is not the project's own."""
    found: dict[int, tuple[ast.ImportFrom, set[str]]] = {}
    for node in (n for n in tree.body if isinstance(n, ast.ImportFrom) and n.names[0].name == "*"):
        own = codebase.modules.get(absolute(path, node, codebase), "")
        inner = codebase.tree(own) if own else None
        if inner is None or _chosen(inner):
            return None
        module, star = scopes(inner)
        if star:
            return None
        found[node.lineno] = (node, {name for name in module.bound if not name.startswith("_")})
    return found


def _chosen(tree: ast.Module) -> bool:
    """Return whether a module says itself what a star brings in."""
    return any(isinstance(n, ast.Name) and n.id == "__all__" for n in ast.walk(tree))


def _wanted(path: str, tree: ast.Module, codebase: Codebase) -> set[str]:
    """Return the names that a module reads and does not bind, and those that others import from it."""
    module, _ = scopes(tree)
    read = {name.id for scope in module.walk() for name in scope.read if name.id not in scope.visible()}
    own = next((name for name, file in codebase.modules.items() if file == path), "")
    others = {alias.name for _, node in from_module(own, codebase) for alias in node.names} if own else set()
    return read | (others - module.bound)


@strategy(causes=("lint", "pre-commit"), trust="glance", prior=0.75)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for each file whose names are all found, none where two modules could mean the same one."""
    told = [place for failure in diagnosis.failures if failure.code in _CODES for place in places_of(failure)]
    for path in dict.fromkeys(path for path, _ in told if not path.endswith("__init__.py")):
        tree = codebase.tree(path) if path in codebase.files else None
        stars = _stars(path, tree, codebase) if tree else None
        if tree is None or not stars:
            continue
        wanted = _wanted(path, tree, codebase)
        brought = [name for _, names in stars.values() for name in names & wanted]
        if "*" in wanted or len(brought) != len(set(brought)) or wanted - set(brought) - KNOWN:
            continue
        text = codebase.text(path)
        parts = ((node, sorted(names & wanted)) for node, names in stars.values())
        changes = [(node.names[0], ", ".join(names)) for node, names in parts if names]
        for one in edit(path, text, replace(text, changes)):
            yield Proposal(
                strategy="star_import",
                title=f"Write out what {path} imports by a star",
                edits=(one,),
                confidence=0.85,
                why="These are the names that the file reads and the imported modules define.",
            )
