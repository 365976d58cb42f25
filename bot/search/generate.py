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
from bot.search.hints import NOTHING, Hints
from bot.search.localise import Place
from bot.search.scope import Scope
from bot.search.site import Change, Site, Span
from bot.search.values import Candidate, Edit, Problem
from bot.search.view import FUNCTIONS, Function, View

MOST_FUNCTIONS = 200
EVERYWHERE = 1.5  # what it costs to make an edit at all places that read the same, on top of making it at one
FROM_HERE = 2.0  # and what it costs to make it at one place and all that follow
_BINDING = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Expr)
DEFAULT = 0.5  # suspicion of the default of an argument, next to the body that uses it
CONSTANT = 0.3  # suspicion of what a module or class binds, next to the lines that read it
# How much later than its cost says an edit outside of functions is tried: that takes a process of its own, and so some
# fifty times as long; what is tried first is the likeliest for its time.
APART = 4.0
OUTSIDE = 0.1  # suspicion of signatures and of what classes and modules bind, next to the functions that use them


@dataclass(frozen=True)
class Spot:
    """An operator at a site of a function; `twins` are the other nodes of the function that read the same."""

    operator: Unit
    site: Site
    function: str
    suspicion: float
    twins: tuple[ast.AST, ...] = ()

    def delay(self, change: Change | None = None) -> float:
        """Return how much later than its cost says the spot, or a change of it, is tried."""
        view, around = self.site.view, self.site.scope.node
        way = (self.site.node, *view.above(self.site.node))
        if not isinstance(around, FUNCTIONS) or any(view.place(up) == "decorator_list" for up in way):
            return APART
        spans = [span for span in change.spans if not span[2].startswith(("import ", "from "))] if change else []
        return (
            APART if any(end < view.start(around) or start > view.end(around) + 1 for start, end, _ in spans) else 0.0
        )


@dataclass
class _Opened:
    """The changes that an operator offers at a spot, the first to be tried first, and how many of them were taken.

    Each with the cost that its turn comes at, its own cost, and the other nodes that are changed alike.
    """

    spot: Spot
    changes: list[tuple[float, float, Change, tuple[ast.AST, ...]]]
    taken: int = 0

    @property
    def turn(self) -> float:
        """Return the cost that the next change is tried at, infinite when there is none."""
        return self.changes[self.taken][0] if self.taken < len(self.changes) else math.inf

    def take(self) -> Candidate | None:
        """Return the next change as a candidate, None when it changes nothing."""
        _, cost, change, twins = self.changes[self.taken]
        self.taken += 1
        spans = _alike(self.spot.site, change, twins) if twins else change.spans
        edits = tuple(sorted(_edits(self.spot.site.view, spans)))
        line = getattr(self.spot.site.node, "lineno", 0)
        return Candidate(edits, self.spot.operator.name, cost, self.spot.function, line) if edits else None


def candidates(problem: Problem, suspicion: Mapping[Place, float], hints: Hints = NOTHING) -> Iterator[Candidate]:
    """Yield distinct candidates in order of cost, as far as that is known before the work of making them.

    What the likeliest change at a spot costs is guessed from the operator's last spot in the same function.
    """
    order = count()
    heap: list[tuple[float, int, Spot | _Opened, float]] = []
    for spot, cost in _costs(list(_spots(problem, suspicion, hints))):
        heapq.heappush(heap, (cost + spot.delay(), next(order), spot, 0.0))
    seen: set[tuple[Edit, ...]] = set()
    least: dict[tuple[str, str], float] = {}
    while heap:
        cost, _, top, guessed = heapq.heappop(heap)
        if isinstance(top, _Opened):
            candidate = top.take()
            if candidate is not None and candidate.edits not in seen:
                seen.add(candidate.edits)
                yield candidate
        else:
            key = (top.operator.name, top.function)
            guess = least.get(key, 0.0)
            if guess > guessed:
                heapq.heappush(heap, (cost - guessed + guess, next(order), top, guess))
                continue
            bound = cost - guessed
            top = _opened(top, bound - top.delay())
            least[key] = top.turn - bound if top.changes else 0.0
        if top.turn < math.inf:
            heapq.heappush(heap, (top.turn, next(order), top, 0.0))


def _costs(spots: list[Spot]) -> Iterator[tuple[Spot, float]]:
    """Yield each spot with what the likeliest change there costs at least."""
    total: dict[str, float] = defaultdict(float)
    for spot in spots:
        total[spot.operator.name] += spot.suspicion
    for spot in spots:
        yield spot, -math.log(spot.operator.about["share"] * spot.suspicion / total[spot.operator.name])


def _opened(spot: Spot, bound: float) -> _Opened:
    changes: list[Change] = list(spot.operator(spot.site))
    whole = max(1.0, sum(change.weight for change in changes))  # less than 1: the operator itself has doubts
    plain = [(bound - math.log(change.weight / whole), change) for change in changes]
    rows: list[tuple[float, Change, tuple[ast.AST, ...]]] = [(cost, change, ()) for cost, change in plain]
    later = _later(spot)
    rows += [(cost + EVERYWHERE, change, spot.twins) for cost, change in plain] if spot.twins else []
    rows += [(cost + FROM_HERE, change, later) for cost, change in plain] if later else []
    ordered = [(cost + spot.delay(change), cost, change, alike) for cost, change, alike in rows]
    return _Opened(spot, sorted(ordered, key=lambda row: row[0]))


def _later(spot: Spot) -> tuple[ast.AST, ...]:
    """Return the twins behind the node, where there are others before it too."""
    view, node = spot.site.view, spot.site.node
    found = tuple(twin for twin in spot.twins if view.start(twin) > view.start(node))
    return found if len(found) < len(spot.twins) else ()


def _alike(site: Site, change: Change, twins: tuple[ast.AST, ...]) -> tuple[Span, ...]:
    """Return the change made at the node and at these others; nothing when it reaches beyond the node."""
    view, node = site.view, site.node
    if len(change.spans) != 1:
        return ()
    start, end, text = change.spans[0]
    first, last = view.start(node), view.end(node)
    if start < first or end > last:
        return ()
    offsets = [view.start(twin) - first for twin in twins]
    return tuple((start + by, end + by, text) for by in (0, *offsets))


def _edits(view: View, spans: tuple[Span, ...]) -> Iterator[Edit]:
    """Yield the replacements without what they leave as it is, line ends as the file has them."""
    for start, end, new in spans:
        text = new.replace("\r\n", "\n").replace("\n", view.newline)
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


def _spots(problem: Problem, suspicion: Mapping[Place, float], hints: Hints) -> Iterator[Spot]:
    by_type: dict[type[ast.AST], list[Unit]] = defaultdict(list)
    for unit in units("operator").values():
        for kind in unit.about["nodes"]:
            by_type[kind].append(unit)
    for view, name, function, score in _functions(problem, suspicion):
        scope = Scope(view, function)
        read = _read(view, suspicion) if isinstance(function, ast.Module) else {}
        nodes = tuple(_worth_changing(scope))
        twins = _twins(scope, nodes)
        for node in nodes:
            if type(node) not in by_type:
                continue
            bound = [read.get(name, 0.0) for name in _binds(view, node)] if read else []
            own = max([_suspicion(scope, node, suspicion, score), *(CONSTANT * one for one in bound)])
            for unit in by_type[type(node)] if own > 0 else ():
                yield Spot(unit, Site(view, scope, node, hints), name, own, twins.get(node, ()))


def _read(view: View, suspicion: Mapping[Place, float]) -> dict[str, float]:
    """Return how suspicious the lines are, at the most, that read each name or attribute."""
    found: dict[str, float] = defaultdict(float)
    for node in ast.walk(view.tree):
        if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load):
            name = node.id if isinstance(node, ast.Name) else node.attr
            found[name] = max(found[name], suspicion.get((view.path, node.lineno), 0.0))
    return found


def _binds(view: View, node: ast.AST) -> tuple[str, ...]:
    """Return the names that the statement of a node binds, where it is an assignment."""
    statement = view.statement(node)
    targets = getattr(statement, "targets", None) or [getattr(statement, "target", None)]
    return tuple(target.id for target in targets if isinstance(target, ast.Name))


def _worth_changing(scope: Scope) -> Iterator[ast.AST]:
    """Yield the nodes that an edit may start from: no bare texts; outside of functions only what binds or calls."""
    view = scope.view
    for node in scope.nodes:
        if not isinstance(scope.node, ast.Module):
            if not _text(node):
                yield node
        elif isinstance(node, ast.expr | ast.comprehension):
            statement = view.statement(node)
            if isinstance(statement, _BINDING) and not _text(statement) and not _only_as_script(view, statement):
                yield node


def _text(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _only_as_script(view: View, statement: ast.stmt) -> bool:
    around = (up.test for up in view.above(statement) if isinstance(up, ast.If))
    return any(isinstance(part, ast.Name) and part.id == "__name__" for test in around for part in ast.walk(test))


def _twins(scope: Scope, nodes: tuple[ast.AST, ...]) -> dict[ast.AST, tuple[ast.AST, ...]]:
    """Return, for each of several small expressions that read the same, the others."""
    alike: dict[tuple[type[ast.AST], str], list[ast.AST]] = defaultdict(list)
    for node in nodes:
        if isinstance(getattr(node, "ctx", None), ast.Store | ast.Del):
            continue
        if isinstance(node, ast.Name | ast.Attribute | ast.Constant | ast.Compare | ast.Call) and scope.size(node) <= 8:
            alike[type(node), scope.view.code(node)].append(node)
    groups = [same for same in alike.values() if 1 < len(same) <= 8]
    return {node: tuple(other for other in same if other is not node) for same in groups for node in same}


def _suspicion(scope: Scope, node: ast.AST, suspicion: Mapping[Place, float], score: float) -> float:
    """Return how suspicious a node is; what runs only at import time is a little so where its function is."""
    view = scope.view
    statement = view.statement(node)
    if statement is None or isinstance(scope.node, ast.Module):
        return score * OUTSIDE
    if statement is scope.node:
        return (
            score * (DEFAULT if _is_default(scope.node, node) else OUTSIDE) if not isinstance(node, FUNCTIONS) else 0.0
        )
    first = getattr(node, "lineno", statement.lineno)
    last = getattr(node, "end_lineno", first) if isinstance(node, ast.expr) else first
    here = max((suspicion.get((view.path, line), 0.0) for line in range(first, last + 1)), default=0.0)
    return here or suspicion.get((view.path, statement.lineno), 0.0)


def _is_default(function: ast.AST, node: ast.AST) -> bool:
    arguments = getattr(function, "args", None)
    defaults = (*arguments.defaults, *arguments.kw_defaults) if isinstance(arguments, ast.arguments) else ()
    return any(node is part for default in defaults if default for part in ast.walk(default))


def _functions(
    problem: Problem, suspicion: Mapping[Place, float]
) -> Iterator[tuple[View, str, Function | ast.Module, float]]:
    """Yield the functions with suspicious lines and then the modules that hold them, the most suspicious first."""
    found: list[tuple[float, int, View, str, Function | ast.Module]] = []
    for file in sorted({file for file, _ in suspicion}):
        try:
            view = View(file, problem.codebase.text(file))
        except (SyntaxError, ValueError, RecursionError):
            continue
        most = 0.0
        for name, function in view.functions:
            own = range(function.body[0].lineno, (function.end_lineno or function.lineno) + 1)
            top = max((suspicion.get((file, line), 0.0) for line in own), default=0.0)
            most = max(most, top)
            if top > 0:
                found.append((-top, len(found), view, name, function))
        if most > 0:
            found.append((-most * OUTSIDE, len(found), view, "", view.tree))
    for top, _, view, name, node in sorted(found, key=lambda row: row[:2])[:MOST_FUNCTIONS]:
        yield view, name, node, -top if name else -top / OUTSIDE
