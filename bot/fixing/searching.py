"""The search as a strategy's proposal: what it finds becomes drafts, best first."""

from __future__ import annotations

from collections.abc import Iterator

from bot.causes.evidence import test_check
from bot.codebase import Codebase
from bot.errors import Declined
from bot.fixing.drafts import Bench, in_vain, most_careful
from bot.model import Diagnosis, Draft, FileEdit
from bot.registry import Unit
from bot.search import Bounds, Findings, Plausible, Problem, Tests, evaluator, repair

MOST_SECONDS = 90.0
AT_MOST = 5


def searched(strategy: Unit, diagnosis: Diagnosis, bench: Bench) -> Iterator[Draft]:
    """Yield a draft for each plausible patch that the search finds, or one that tells why it found none."""
    check = test_check(bench.codebase.info)
    if check is None:
        yield in_vain(strategy, "there is no test command to search with")
        return
    problem = problem_of(diagnosis, bench)
    tests = Tests(failing=diagnosis.failing_tests, passing=_passing(bench.codebase))
    bounds = Bounds(total=problem.budget_seconds + 60)
    try:
        with evaluator(bench.sandbox, bench.codebase, check, tests, bounds) as evaluate:
            found = repair(problem, evaluate)
    except Declined as reason:
        yield in_vain(strategy, str(reason))
        return
    if not found.plausible:
        yield in_vain(strategy, f"none of {found.tried} candidates makes the failing tests pass")
    for rank, one in enumerate(found.plausible[:AT_MOST]):
        yield draft_of(strategy, one, found, rank, bench)


def problem_of(diagnosis: Diagnosis, bench: Bench) -> Problem:
    """Return the search's problem for a diagnosis: failing tests, suspects, the good version, and the bounds."""
    return Problem(
        codebase=bench.codebase,
        failing=diagnosis.failing_tests,
        suspects=diagnosis.suspects,
        good=bench.codebase.good,
        seed=bench.seed,
        budget_seconds=min(MOST_SECONDS, bench.seconds) if bench.seconds else MOST_SECONDS,
        progress=lambda tried, found: bench.progress.advance(f"candidates ({found} plausible)", tried),
    )


def _passing(codebase: Codebase) -> tuple[str, ...]:
    return tuple(test for test, outcome in codebase.info.outcomes.items() if outcome == "passed")


def draft_of(strategy: Unit, one: Plausible, found: Findings, rank: int, bench: Bench) -> Draft:
    """Return the draft of one plausible patch; confidence falls with the rank and with the number of rivals."""
    rivals = len(found.plausible) - 1
    why = f"the {rank + 1}. of {rivals + 1} plausible among {found.tried} candidates ({one.operator}). {found.why}"
    return Draft(
        strategy=strategy.name,
        trust=most_careful("review" if found.abstained else strategy.about["trust"], bench.policy.trust),
        title=one.title,
        why=why.strip(),
        edits=tuple(FileEdit(path=path, text=text) for path, text in one.edits.items()),
        confidence=confidence(rank, rivals, found.abstained),
        alternatives=rivals,
        abstained=found.abstained,
        told_apart_by=found.told_apart_by,
    )


def confidence(rank: int, rivals: int, abstained: bool) -> float:
    """Return how sure a found patch is: 0.85 alone, less for each rival and rank, half when the search abstains."""
    alone = 0.85 - 0.02 * min(rivals, 15)
    return round(max(0.1, alone * (0.5 if abstained else 1.0) - 0.05 * rank), 3)
