"""Let a test ask for a fixture instead of calling it, which pytest refuses."""

from __future__ import annotations

import ast
from collections.abc import Iterable

import re2

from bot.codebase import Codebase
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._fixtures import Function, fixtures, is_fixture, parameters
from bot.strategies._heads import closing
from bot.strategies._sites import sites
from bot.strategies._text import Span, edit, replace

_CALLED = re2.compile(r"Fixture ['\"](\w+)['\"] called directly")


def _asked(text: str, tree: ast.Module, name: str) -> str:
    """Return the text with every bare call of the fixture in a test or fixture replaced by a parameter."""
    spots: list[tuple[Span | ast.AST, str]] = []
    for node in ast.walk(tree):
        if not isinstance(node, Function) or not (node.name.startswith("test") or is_fixture(node)):
            continue
        bound = {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        calls = [
            n for n in ast.walk(node) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name) and n.func.id == name
        ]
        if not calls or name in bound or node.name == name or any(call.args or call.keywords for call in calls):
            continue
        spots += [(call, name) for call in calls]
        if name not in {one.arg for one in parameters(node)}:
            at = closing(text, node)
            if at is None or node.args.vararg or node.args.kwarg or node.args.kwonlyargs:
                return text
            spots.append((at, f", {name}" if node.args.args else name))
    return replace(text, spots)


@strategy(causes=("test-failure", "error"), trust="glance", touches="tests", prior=0.85)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for each file that calls a fixture."""
    found = sites(diagnosis, codebase)
    names = {name for site in found for name in _CALLED.findall(site.message)}
    paths = {place[0] for site in found for place in site.places}
    for name in sorted(names):
        for path in sorted(paths):
            tree, text = codebase.tree(path), codebase.text(path)
            edits = edit(path, text, _asked(text, tree, name)) if tree and name in fixtures(path, codebase) else ()
            if edits:
                yield Proposal(
                    strategy="fixture_call",
                    title=f"Ask for the fixture {name} in {path}",
                    edits=edits,
                    confidence=0.92,
                    why="pytest makes fixtures for tests that name them as parameters, and refuses calls.",
                )
