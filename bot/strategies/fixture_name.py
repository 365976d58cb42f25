"""Ask for the fixture that is there: a test's parameter is one slip away from the name of exactly one fixture."""

from __future__ import annotations

import ast
from collections.abc import Iterable

import re2

from bot.codebase import Codebase
from bot.model import Diagnosis, Proposal
from bot.registry import strategy
from bot.strategies._fixtures import Function, fixtures, parameters
from bot.strategies._near import nearest
from bot.strategies._sites import sites
from bot.strategies._text import Span, edit, replace

_MISSED = re2.compile(r"fixture '(\w+)' not found")


def _renamed(text: str, tree: ast.Module, old: str, new: str) -> str:
    spots: list[tuple[Span | ast.AST, str]] = []
    for node in ast.walk(tree):
        if not isinstance(node, Function) or new in {one.arg for one in parameters(node)}:
            continue
        given = [one for one in parameters(node) if one.arg == old]
        for one in given:
            start = one.col_offset
            spots.append((Span(one.lineno, start, one.lineno, start + len(old.encode())), new))
        if given:
            spots += [(n, new) for n in ast.walk(node) if isinstance(n, ast.Name) and n.id == old]
    return replace(text, spots)


@strategy(causes=("test-failure", "error"), trust="glance", touches="tests", prior=0.85)
def propose(diagnosis: Diagnosis, codebase: Codebase) -> Iterable[Proposal]:
    """Yield one proposal for each file that asks for a fixture under a name that none has."""
    asked = {(name, place[0]) for site in sites(diagnosis, codebase) for place in site.places
             for name in _MISSED.findall(site.message)}  # fmt: skip
    for name, path in sorted(asked):
        tree = codebase.tree(path)
        near = nearest(name, fixtures(path, codebase))
        if tree is None or near is None or codebase.find(name):
            continue
        text = codebase.text(path)
        edits = edit(path, text, _renamed(text, tree, name, near[0]))
        if edits:
            yield Proposal(
                strategy="fixture_name",
                title=f"Ask for the fixture {near[0]} in {path}",
                edits=edits,
                confidence=near[1],
                why=f"there is no fixture `{name}`; `{near[0]}` is the only one that near.",
            )
