"""Which of the plausible patches to trust, and whether to trust any."""

from __future__ import annotations

from collections.abc import Sequence

from bot.search.values import Candidate, Findings, Plausible, Problem


def choose(problem: Problem, found: Sequence[Candidate], tried: int) -> Findings:
    """Return the plausible patches, best first."""
    ranked = sorted(found, key=lambda candidate: candidate.cost)
    return Findings(tuple(_plausible(problem, candidate) for candidate in ranked), tried)


def _plausible(problem: Problem, candidate: Candidate) -> Plausible:
    edits = {file: candidate.apply(file, problem.codebase.text(file)) for file in candidate.files}
    where = f"in {candidate.function} " if candidate.function else ""
    title = f"{candidate.operator.replace('_', ' ')} {where}at line {candidate.line}"
    return Plausible(candidate, edits, candidate.cost, title, candidate.operator)
