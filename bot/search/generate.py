"""Candidates, the likeliest first: operators at suspicious places, worked out only when their turn comes.

The likelihood of a candidate is the share of its kind among published fixes, times the suspicion of its place among
the places where that kind applies, times its weight among the changes of that kind there. Its cost is minus the
logarithm of that.
"""

from __future__ import annotations

import ast
import heapq
import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count

from bot.registry import Unit, units
from bot.search.localise import Place
from bot.search.scope import Scope
from bot.search.site import Change, Site
from bot.search.values import Candidate, Edit, Problem
from bot.search.view import Function, View

MOST_FUNCTIONS = 200


@dataclass(frozen=True)
class Spot:
    """An operator at a site of a function."""

    operator: Unit
    site: Site
    function: str
    suspicion: float


def candidates(problem: Problem, suspicion: Mapping[Place, float]) -> Iterator[Candidate]:
    """Yield distinct candidates in order of cost."""
    spots = list(_spots(problem, suspicion))
    total: dict[str, float] = defaultdict(float)
    for spot in spots:
        total[spot.operator.name] += spot.suspicion
    order = count()
    heap: list[tuple[float, int, Spot | Candidate]] = []
    for spot in spots:
        bound = -math.log(spot.operator.about["share"] * spot.suspicion / total[spot.operator.name])
        heapq.heappush(heap, (bound, next(order), spot))
    seen: set[tuple[Edit, ...]] = set()
    while heap:
        cost, _, top = heapq.heappop(heap)
        if isinstance(top, Candidate):
            yield top
            continue
        for candidate in _at(top, cost):
            if candidate.edits not in seen:
                seen.add(candidate.edits)
                heapq.heappush(heap, (candidate.cost, next(order), candidate))


def _at(spot: Spot, bound: float) -> Iterator[Candidate]:
    changes: list[Change] = list(spot.operator(spot.site))
    whole = sum(change.weight for change in changes)
    line = getattr(spot.site.node, "lineno", 0)
    for change in changes:
        edits = tuple(sorted(_edits(spot.site.view, change)))
        if edits:
            cost = bound - math.log(change.weight / whole)
            yield Candidate(edits, spot.operator.name, cost, spot.function, line)


def _edits(view: View, change: Change) -> Iterator[Edit]:
    """Yield the change's replacements without what they leave as it is."""
    for start, end, text in change.spans:
        old = view.text[start:end]
        head = _common(old, text)
        tail = _common(old[head:][::-1], text[head:][::-1])
        if old != text:
            yield Edit(view.path, start + head, end - tail, text[head : len(text) - tail])


def _common(one: str, two: str) -> int:
    for at, (a, b) in enumerate(zip(one, two, strict=False)):
        if a != b:
            return at
    return min(len(one), len(two))


def _spots(problem: Problem, suspicion: Mapping[Place, float]) -> Iterator[Spot]:
    by_type: dict[type[ast.AST], list[Unit]] = defaultdict(list)
    for unit in units("operator").values():
        for kind in unit.about["nodes"]:
            by_type[kind].append(unit)
    for view, name, function in _functions(problem, suspicion):
        scope = Scope(view, function)
        for node in scope.nodes:
            if type(node) in by_type:
                own = _suspicion(view, node, suspicion)
                for unit in by_type[type(node)] if own > 0 else ():
                    yield Spot(unit, Site(view, scope, node), name, own)


def _suspicion(view: View, node: ast.AST, suspicion: Mapping[Place, float]) -> float:
    statement = view.statement(node)
    if statement is None:
        return 0.0
    first = getattr(node, "lineno", statement.lineno)
    last = getattr(node, "end_lineno", first) if isinstance(node, ast.expr) else first
    here = max((suspicion.get((view.path, line), 0.0) for line in range(first, last + 1)), default=0.0)
    return here or suspicion.get((view.path, statement.lineno), 0.0)


def _functions(problem: Problem, suspicion: Mapping[Place, float]) -> Iterator[tuple[View, str, Function]]:
    """Yield the functions with suspicious lines, the most suspicious first."""
    found: list[tuple[float, int, View, str, Function]] = []
    for file in sorted({file for file, _ in suspicion}):
        try:
            view = View(file, problem.codebase.text(file))
        except (SyntaxError, ValueError, RecursionError):
            continue
        for name, node in view.functions:
            own = range(node.body[0].lineno, (node.end_lineno or node.lineno) + 1)
            top = max((suspicion.get((file, line), 0.0) for line in own), default=0.0)
            if top > 0:
                found.append((-top, len(found), view, name, node))
    for _, _, view, name, node in sorted(found, key=lambda row: row[:2])[:MOST_FUNCTIONS]:
        yield view, name, node
