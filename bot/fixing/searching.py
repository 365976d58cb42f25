"""Let the search look for a repair, within its share of what is left of the time."""

from __future__ import annotations

from collections.abc import Iterator

from bot.codebase import Codebase
from bot.codebase.changes import diff
from bot.errors import Declined
from bot.fixing.trying import test_check
from bot.model import Diagnosis, FileEdit, Proposal
from bot.ports import Progress, Sandbox
from bot.search import Bounds, Findings, Plausible, Problem, Tests, evaluator, repair

SHARE = 0.5  # of the time that is left: the rest is for the proof
MOST_SECONDS = 120.0
OBSERVED, LEAST_OBSERVED = 1 / 8, 5.0  # of the search's time: passing tests are run that long, once and once more
SHOWN = 3
COPIED = 0.2  # what it costs to hold a literal of the failing test, which may be its answer and no more
LIKELY = 3.0  # the cost, minus the logarithm of the likelihood, up to which a find is as likely as they get


def confidence(rank: int, findings: Findings) -> float:
    """Return how sure a find is: less the unlikelier it was, for each rank and rival; least when abstained from."""
    if findings.abstained:
        return 0.3 - 0.02 * rank
    rivals = min(len(findings.plausible) - 1, 10)
    unlikely = 0.02 * min(max(0.0, findings.plausible[rank].score - LIKELY), 10) if findings.plausible else 0.0
    copied = COPIED if findings.plausible and "test_literal" in findings.plausible[rank].operator else 0.0
    return max(0.35, 0.85 - unlikely - copied - 0.03 * rivals - 0.1 * rank)


def search(
    diagnosis: Diagnosis, codebase: Codebase, sandbox: Sandbox, progress: Progress, bounds: tuple[int, float]
) -> Findings:
    """Return what the search finds; `bounds` are the seed and the seconds. Raises `Declined` when it can't search."""
    check = test_check(codebase)
    if check is None or not codebase.info.environment:
        raise Declined("there is no test command to search with")
    seed, seconds = bounds
    passed = (test for test, outcome in codebase.info.outcomes.items() if outcome == "passed")
    tests = Tests(diagnosis.failing_tests, tuple(test for test in passed if test not in diagnosis.failing_tests))
    budget = min(MOST_SECONDS, seconds * SHARE)
    problem = Problem(
        codebase,
        diagnosis.failing_tests,
        suspects=diagnosis.suspects,
        good=codebase.good,
        seed=seed,
        budget_seconds=budget,
        progress=lambda tried, found: progress.advance(f"searching, {found} found", tried),
    )
    bounds_in_box = Bounds(observe=max(LEAST_OBSERVED, OBSERVED * budget))
    with evaluator(sandbox, codebase, check, tests, bounds_in_box) as evaluate:
        return repair(problem, evaluate)


def finds(findings: Findings, proposal: Proposal) -> Iterator[Proposal]:
    """Yield the best finds as proposals of their own."""
    for rank, plausible in enumerate(findings.plausible[:SHOWN]):
        edits = tuple(FileEdit(path=path, text=text) for path, text in sorted(plausible.edits.items()))
        update = {
            "title": plausible.title[:1].upper() + plausible.title[1:],
            "edits": edits,
            "search": False,
            "confidence": confidence(rank, findings),
            "why": f"of {findings.tried} edits tried, this one makes the failing tests pass and no other test fail.",
        }
        yield proposal.model_copy(update=update)


def runner_up(findings: Findings, patch: Plausible, codebase: Codebase) -> str:
    """Return the diff of the likeliest find that behaves otherwise than a patch; empty when there is none."""
    if patch.rival < 0:
        return ""
    edits = findings.plausible[patch.rival].edits
    return diff({path: codebase.files.get(path) for path in edits}, dict(edits), context=1)
