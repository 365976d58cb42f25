"""Which of the plausible patches to trust, and whether to trust any.

Patches that answer alike on calls seen in the tests, and on variations of them, are one hypothesis; its weight is the
sum of the likelihoods of its patches. Of a hypothesis the likeliest patch is shown. When the next one is nearly as
likely, nothing is chosen: the call that tells the two apart is given instead.
"""

from __future__ import annotations

import ast
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.search import history
from bot.search.fold import folded
from bot.search.values import Behaviour, Candidate, Evaluate, Findings, Plausible, Problem
from bot.search.view import FUNCTIONS

SURE = 1.0  # the first hypothesis must be e^1 times as likely as the second
KEPT = 4.0  # what it costs to answer everything otherwise that passing tests, or calls like theirs, ask
LOST = 2.0  # what it costs to remove a call of the project's own code
CRASH = ("raises", "never ends")


@dataclass(frozen=True)
class Hypothesis:
    """Patches that answer alike; `cost` is minus the logarithm of their common likelihood."""

    patches: tuple[int, ...]
    cost: float


def choose(problem: Problem, found: Sequence[Candidate], tried: int, evaluate: Evaluate) -> Findings:
    """Return the plausible patches, best first, and whether there is reason to abstain."""
    if not found:
        return Findings((), tried)
    found = simplest(problem, found, evaluate)
    behaviour = evaluate.behave(found, problem.seed)
    found = [replace(one, cost=one.cost + LOST * lost_calls(problem, one)) for one in found]
    ranked = hypotheses(found, behaviour)
    order = [one.patches[0] for one in ranked] + [at for one in ranked for at in one.patches[1:]]
    costs = {at: one.cost for one in ranked for at in one.patches}
    plausible = tuple(_plausible(problem, found[at], costs[at]) for at in order)
    close = len(ranked) > 1 and ranked[1].cost - ranked[0].cost < SURE
    apart = _told_apart(ranked, behaviour) if len(ranked) > 1 else ""
    why = f"{len(ranked)} different ways to behave pass the tests" if len(ranked) > 1 else ""
    return Findings(plausible, tried, close, apart, why)


def simplest(problem: Problem, found: Sequence[Candidate], evaluate: Evaluate) -> list[Candidate]:
    """Return the candidates in their simplest form, each text once, as long as that form passes the tests too."""
    short = [folded(one, problem.text(one.files[0])) for one in found]
    new = [short_one for one, short_one in zip(found, short, strict=True) if short_one is not one]
    sound = (
        {one.edits for one, verdict in zip(new, evaluate.confirm(new), strict=True) if verdict.status == "passed"}
        if new
        else set()
    )
    kept = [two if two.edits in sound else one for one, two in zip(found, short, strict=True)]
    return list({one.edits: one for one in sorted(kept, key=lambda one: -one.cost)}.values())[::-1]


def hypotheses(found: Sequence[Candidate], behaviour: Behaviour) -> list[Hypothesis]:
    """Return the patches grouped by their answers, the likeliest group first, and in it the likeliest patch."""
    groups: dict[tuple[str, ...], list[int]] = {}
    for at in sorted(range(len(found)), key=lambda at: found[at].cost):
        answers = behaviour.after[at] if at < len(behaviour.after) else ()
        groups.setdefault(answers or (f"alone {at}",), []).append(at)
    ranked = [
        Hypothesis(tuple(group), _together([found[at].cost for at in group]) + KEPT * changed(behaviour, group[0]))
        for group in groups.values()
    ]
    return sorted(ranked, key=lambda one: one.cost)


def changed(behaviour: Behaviour, at: int) -> float:
    """Return the share of answers that differ from those of the code as it is, where that did not crash.

    Only calls of passing tests and variations of these count: there the code is taken to be right (the idea of
    Xiong et al., "Identifying patch correctness in test-based program repair", 2018).
    """
    after = behaviour.after[at] if at < len(behaviour.after) else ()
    rows = zip(behaviour.calls, behaviour.before, after, strict=False)
    kept = [before == answer for call, before, answer in rows if call.passing and not before.startswith(CRASH)]
    return 1 - sum(kept) / len(kept) if kept else 0.0


def lost_calls(problem: Problem, candidate: Candidate) -> int:
    """Return how many calls of the file's own functions a patch removes: dropping the work is rarely the fix.

    One of the anti-patterns of Tan et al., "Anti-patterns in search-based program repair", 2016.
    """
    lost = 0
    for file in candidate.files:
        if not file.endswith(".py"):
            continue
        text = problem.text(file)
        before, after = _own_calls(text), _own_calls(candidate.apply(file, text))
        lost += sum((before - after).values())
    return lost


def _own_calls(text: str) -> Counter[str]:
    tree = ast.parse(text)
    own = {node.name for node in ast.walk(tree) if isinstance(node, FUNCTIONS)}
    called = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
    names = (getattr(func, "id", getattr(func, "attr", "")) for func in called)
    return Counter(name for name in names if name in own)


def _together(costs: Sequence[float]) -> float:
    least = min(costs)
    return least - math.log(sum(math.exp(least - cost) for cost in costs))


def _told_apart(ranked: Sequence[Hypothesis], behaviour: Behaviour) -> str:
    first, second = (behaviour.after[one.patches[0]] for one in ranked[:2])
    for call, one, other in zip(behaviour.calls, first, second, strict=False):
        if one != other:
            return f"{call.text}: {one} or {other}"
    return ""


def _plausible(problem: Problem, candidate: Candidate, score: float) -> Plausible:
    edits = {file: candidate.apply(file, problem.text(file)) for file in candidate.files}
    where = f"in {candidate.function} " if candidate.function else ""
    title = f"{candidate.operator.replace('_', ' ')} {where}at line {candidate.line}"
    if candidate.operator == history.NAME:
        whole = all(problem.good.get(file) == edits.get(file) for file in problem.changed)
        title = f"{'revert the change' if whole else 'restore what was before'} {where}at line {candidate.line}"
    return Plausible(candidate, edits, score, title, candidate.operator)
