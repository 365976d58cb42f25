"""Which of the plausible patches to trust, and whether to trust any.

Patches that answer alike on calls seen in the tests, and on variations of them, are one hypothesis; its weight is the
sum of the likelihoods of its patches. Of a hypothesis the likeliest patch is shown. When the next one is nearly as
likely, nothing is chosen: the call that tells the two apart is given instead.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import re2

from bot.search import history
from bot.search.fold import folded
from bot.search.formulas import rival_formulas
from bot.search.oddities import oddity
from bot.search.pinned import LOOSE, loose, rivals
from bot.search.values import Behaviour, Candidate, Evaluate, Findings, Plausible, Problem

SURE, UNSURE, ENOUGH = 1.0, 2.8, 8  # the first hypothesis must be e^1 times as likely as the second where the tests
# make enough distinct calls; the fewer they make, the more they leave open: e^2.8 times where there is but one
FEW, FAR, EACH = 6, 6.7, 0.6
UTMOST = 12.0  # a patch that is less likely than e^-12 is never trusted: of so many some pass any test by chance
KEPT = 4.0  # what it costs to answer everything otherwise that passing tests, or calls like theirs, ask
STRAYS = 1.5  # what it costs, next to patches that do not, to answer any of these otherwise
STRANGE = 2.0  # what it costs to answer with a kind of value that the code as it is never gives
TOUCHES = 3.0  # what it costs to change arguments that the code as it is leaves alone, whatever was called
CRASHES = 1.0  # what it costs to crash on everything
DOUBTFUL = 3.0  # from so much doubt on, not even the only patch is trusted
LONGER = 0.05  # what each character costs among patches that do the same
CRASH, CHANGES = ("raises", "never ends"), "*"


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
    found = [*found, *rival_formulas(problem, found, evaluate)]
    near = rivals(problem, found, evaluate)
    behaviour = evaluate.behave([*found, *(one for group in near.values() for one in group)], problem.seed)
    found = _dearer(problem, found, near, behaviour)
    ranked = hypotheses(found, behaviour)
    rows = [(one, at) for one in ranked for at in one.patches]
    rows.sort(key=lambda row: row[1] != row[0].patches[0])
    plausible = tuple(_shown(problem, found[at], at, ranked, behaviour) for _, at in rows)
    close = len(ranked) > 1 and ranked[1].cost - ranked[0].cost < margin(behaviour.seen)
    first = ranked[0].patches[0]
    odd = doubt(behaviour, first) >= DOUBTFUL
    prior = ranked[0].cost - strays(behaviour, first) - doubt(behaviour, first) / 2  # doubt counts by itself too
    unlikely = far_fetched(prior, behaviour.seen)
    known = f"{len(ranked)} different ways to behave pass the tests"
    unknown = f"{len(ranked)} patches pass the tests, and the calls that these make do not tell them apart"
    why = "" if len(ranked) == 1 else known if plausible[0].apart else unknown
    why = why or ("it changes what the code does where nothing asks for it" if odd else "")
    why = why or ("such a fix is rare, and little speaks for it" if unlikely else "")
    return Findings(plausible, tried, close or odd or unlikely, plausible[0].apart, why)


def _dearer(
    problem: Problem, found: Sequence[Candidate], near: Mapping[int, Sequence[Candidate]], behaviour: Behaviour
) -> list[Candidate]:
    """Return the patches with what it costs them to look odd, and to hold numbers that nothing pins down."""
    place, extra = len(found), [oddity(problem, one) for one in found]
    for at, group in near.items():
        extra[at] += LOOSE * loose(at, range(place, place + len(group)), behaviour)
        place += len(group)
    return [replace(one, cost=one.cost + more) for one, more in zip(found, extra, strict=True)]


def margin(seen: int) -> float:
    """Return by how much the first hypothesis must lead the second after so many distinct calls by the tests."""
    missing = min(max(ENOUGH - seen, 0), ENOUGH - 1) / (ENOUGH - 1)
    return SURE + (UNSURE - SURE) * missing


def far_fetched(cost: float, seen: int) -> bool:
    """Return whether a patch is so unlikely beforehand that passing so few distinct calls is weak evidence for it.

    The rarer the patch, the likelier it is that the right one is none that the search can make; each call more that
    it answers as it should speaks for it.
    """
    return cost > UTMOST or (seen < FEW and cost > FAR + EACH * max(seen - 1, 0))


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
    """Return the patches grouped by their answers, the likeliest group first, and in it the likeliest patch.

    Where a patch answers as the faulty code does, the calls do not show what it mends, nor that two patches do alike.
    """
    groups: dict[tuple[str, ...], list[int]] = {}
    for at in sorted(range(len(found)), key=lambda at: found[at].cost + LONGER * longer(found[at])):
        answers = behaviour.after[at] if at < len(behaviour.after) else ()
        blind = not answers or answers == behaviour.before
        groups.setdefault((f"alone {at}",) if blind else answers, []).append(at)
    ranked = [
        Hypothesis(
            tuple(group), _together([found[at].cost for at in group]) + doubt(behaviour, at) + strays(behaviour, at)
        )
        for group in groups.values()
        for at in group[:1]
    ]
    return sorted(ranked, key=lambda one: one.cost)


def longer(candidate: Candidate) -> int:
    """Return how many characters of code a patch touches and adds: of those that do the same, the least wins."""
    return sum(max(edit.end - edit.start, len(edit.text.strip())) for edit in candidate.edits)


def doubt(behaviour: Behaviour, at: int) -> float:
    """Return what the answers of a patch cost it: changed where all was well, of a strange kind, or crashes."""
    return (
        TOUCHES * touches(behaviour, at)
        + KEPT * changed(behaviour, at)
        + STRANGE * strange(behaviour, at)
        + CRASHES * crashes(behaviour, at)
    )


def changed(behaviour: Behaviour, at: int) -> float:
    """Return the share of answers that differ from those of the code as it is, where that did not crash.

    Only calls of passing tests and variations of these count: there the code is taken to be right (the idea of
    Xiong et al., "Identifying patch correctness in test-based program repair", 2018).
    """
    after = behaviour.after[at] if at < len(behaviour.after) else ()
    rows = zip(behaviour.calls, behaviour.before, after, strict=False)
    kept = [_kept(before, answer) for call, before, answer in rows if call.passing and not before.startswith(CRASH)]
    return 1 - sum(kept) / len(kept) if kept else 0.0


def _kept(before: str, answer: str) -> float:
    """Return 1 for the same answer, a half where only what becomes of the arguments differs, else 0."""
    if before == answer:
        return 1.0
    return 0.5 if before.partition(" | ")[0] == answer.partition(" | ")[0] else 0.0


def strays(behaviour: Behaviour, at: int) -> float:
    """Return what it costs a patch, next to others, to answer anything else where the code as it is was taken right."""
    return STRAYS if changed(behaviour, at) > 0 else 0.0


def strange(behaviour: Behaviour, at: int) -> float:
    """Return 0 when all answers are of kinds that the code as it is gives too, else a half and half their share."""
    after = behaviour.after[at] if at < len(behaviour.after) else ()
    known = {kind(answer) for answer in behaviour.before} - {""}
    odd = [kind(answer) not in known for answer in after if kind(answer)]
    return (1 + sum(odd) / len(odd)) / 2 if known and any(odd) else 0.0


def touches(behaviour: Behaviour, at: int) -> float:
    """Return the share of calls whose arguments change that the code as it is leaves alone, where neither crashes."""
    after = behaviour.after[at] if at < len(behaviour.after) else ()
    rows = [row for row in zip(behaviour.before, after, strict=False) if not any(one.startswith(CRASH) for one in row)]
    begun = [f" | {CHANGES}" in two and f" | {CHANGES}" not in one for one, two in rows]
    return sum(begun) / len(begun) if begun else 0.0


def crashes(behaviour: Behaviour, at: int) -> float:
    """Return the share of answers that are crashes; what takes as long with the code as it is is none."""
    after = behaviour.after[at] if at < len(behaviour.after) else ()
    rows = zip(behaviour.before, after, strict=False)
    bad = sum(answer.startswith(CRASH) and not before == answer == CRASH[1] for before, answer in rows)
    return bad / len(after) if after else 0.0


def kind(answer: str) -> str:
    """Return what kind of value an answer is; empty for a crash."""
    if answer.startswith(CRASH):
        return ""
    if answer[:1] in "'\"" or answer[:2] in ("b'", 'b"'):
        return answer[0]
    name = re2.match(r"[A-Za-z_]*", answer)
    word = name.group() if name else ""
    return {"True": "bool", "False": "bool", "inf": "number", "nan": "number", "": "number"}.get(word, word)


def _together(costs: Sequence[float]) -> float:
    least = min(costs)
    return least - math.log(sum(math.exp(least - cost) for cost in costs))


def told_apart(one: int, other: int, behaviour: Behaviour) -> str:
    """Return a call that two patches answer differently, with both answers; empty when none was seen."""
    if max(one, other) >= len(behaviour.after):
        return ""
    rows = zip(behaviour.calls, behaviour.after[one], behaviour.after[other], strict=False)
    differ = [(call, *_parted(mine, its)) for call, mine, its in rows if mine != its]
    best = min(differ, key=lambda row: (CRASH[0] in row[1] + row[2], len(row[0].text)), default=None)
    return f"{best[0].text}, which gives {best[1]} with this patch and {best[2]} with the other" if best else ""


def _parted(one: str, other: str) -> tuple[str, str]:
    """Return two answers without what they make of their arguments, unless only that differs."""
    mine, its = one.partition(" | ")[0], other.partition(" | ")[0]
    return (mine, its) if mine != its else (one.replace(f" | {CHANGES}", " | "), other.replace(f" | {CHANGES}", " | "))


def _shown(
    problem: Problem, candidate: Candidate, at: int, ranked: Sequence[Hypothesis], behaviour: Behaviour
) -> Plausible:
    """Return a patch with its rival: the best one that behaves otherwise."""
    own = next(one for one in ranked if at in one.patches)
    rival = 1 if own is ranked[0] else 0
    edits = {file: candidate.apply(file, problem.text(file)) for file in candidate.files}
    patch = Plausible(candidate, edits, own.cost, _title(problem, candidate, edits), candidate.operator)
    if rival >= len(ranked):
        return patch
    return replace(patch, rival=rival, apart=told_apart(at, ranked[rival].patches[0], behaviour))


def _title(problem: Problem, candidate: Candidate, edits: Mapping[str, str]) -> str:
    where = f"in {candidate.function} " if candidate.function else ""
    name = candidate.operator.replace("_", " ")
    if candidate.operator == history.NAME:
        whole = all(problem.good.get(file) == edits.get(file) for file in problem.changed)
        name = "revert the change" if whole else "restore what was before"
    return f"{name} {where}at line {candidate.line}"
